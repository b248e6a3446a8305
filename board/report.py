"""One file that says how an overlay does on this board: `python3 -m board.report net.bit`. It holds nothing personal.

Each check runs by itself, whatever the others find: versions, clocks, counters, golden scores, speed. What is missing or
fails is in the file, with the error's text.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

FORMAT = 1
PATHS = re.compile(r"(/home/|/root\b|/Users/|/tmp/)[^\s'\",:;)]*")
"""Places of files may hold a person's name."""

IMAGES = 200


def collect(
    bitstream: Path, progress: Callable[[str], None] = lambda text: None, device: Any = None
) -> dict[str, Any]:
    """Load the overlay, run every check and return the report, as plain values."""
    report: dict[str, Any] = {"format": FORMAT}
    progress("versions")
    report["system"] = _check(_system)
    report["pynq"] = _check(_pynq)
    progress("files")
    report["files"] = _check(lambda: _files(bitstream))
    progress("bitstream")
    loaded = _check(lambda: _load(bitstream, device))
    overlay = loaded.pop("overlay", None)
    report["load"] = loaded
    if overlay is None:
        return report
    try:
        for name, check in (
            ("info", lambda: _plain(overlay.info)),
            ("clock", lambda: overlay.classifier.clock._asdict()),
            ("golden", lambda: _golden(overlay)),
            ("first_difference", lambda: _difference(overlay)),
            ("speed", lambda: _speed(overlay)),
            ("counters", lambda: _counters(overlay)),
        ):
            progress(name)
            report[name] = _check(check)
    finally:
        overlay.close()
    return report


def main(arguments: Optional[list[str]] = None) -> int:
    """Write the report; return the exit status: 0 if every check passed."""
    parser = argparse.ArgumentParser(
        prog="python3 -m board.report", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("bitstream", help="path of <model>.bit, with .hwh, .json and .npz beside it")
    parser.add_argument("--output", default="board-report.json", help="the file to write (%(default)s)")
    chosen = parser.parse_args(arguments)
    report = collect(Path(chosen.bitstream), lambda text: print(f"{text} ...", flush=True))
    partial = f"{chosen.output}.partial"
    with open(partial, "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    os.replace(partial, chosen.output)
    failed = failures(report)
    for name, error in failed:
        print(f"{name}: {error}")
    print(f"{chosen.output}: {'every check passed' if not failed else f'{len(failed)} checks failed'}")
    return 1 if failed else 0


def failures(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the checks that failed, with their errors."""
    return [
        (name, str(part["error"]))
        for name, part in report.items()
        if isinstance(part, dict) and part.get("error") is not None
    ]


def _check(check: Callable[[], Any]) -> dict[str, Any]:
    """Return what a check found, or its error: whatever it is, the other checks go on."""
    begun = time.perf_counter()
    try:
        found = check()
    except Exception as error:
        found = {"error": _anonymous(f"{type(error).__name__}: {error}")}
    if not isinstance(found, dict):
        found = {"value": found}
    return {**found, "seconds": round(time.perf_counter() - begun, 3)}


def _anonymous(text: str) -> str:
    return PATHS.sub(lambda match: f"<path>/{match[0].rstrip('/').rpartition('/')[2]}", text)


def _plain(value: Any) -> Any:
    """Return a value that JSON has, without paths."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _anonymous(str(value))


def _system() -> dict[str, Any]:
    """Versions; no name of machine or user, no address."""
    import numpy

    found = {
        "machine": platform.machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "cores": os.cpu_count(),
    }
    for name, path in (
        ("board", "/proc/device-tree/model"),
        ("image", "/etc/pynq_release"),
        ("xocl", "/etc/xocl.txt"),
    ):
        try:
            found[name] = Path(path).read_text(errors="replace").strip("\0\n ")[:200]
        except OSError:
            found[name] = None
    return found


def _pynq() -> dict[str, Any]:
    import pynq
    from pynq.ps import Clocks

    found: dict[str, Any] = {"version": pynq.__version__}
    for name in ("cpu_mhz", "fclk0_mhz", "fclk1_mhz", "fclk2_mhz", "fclk3_mhz"):
        try:
            found[name] = float(getattr(Clocks, name))
        except Exception as error:
            found[name] = _anonymous(f"{type(error).__name__}: {error}")
    return found


def _files(bitstream: Path) -> dict[str, Any]:
    from .manifest import Manifest

    manifest = Manifest.load(bitstream.with_suffix(".json"))
    found = {"manifest": _plain(manifest.as_dict()), "sha256": dict(manifest.files)}
    manifest.check_files()
    return found


def _load(bitstream: Path, device: Any) -> dict[str, Any]:
    import warnings

    from .overlay import DTSCNNOverlay

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        overlay = DTSCNNOverlay(bitstream, device=device)
    said = sorted({_anonymous(str(warning.message)) for warning in caught})
    return {"overlay": overlay, "warnings": said[:20]}


def _golden(overlay: Any) -> dict[str, Any]:
    return {"exact": overlay.verify()}


def _difference(overlay: Any) -> dict[str, Any]:
    """The first golden image whose scores differ: what came, what was wanted, in batches and one by one."""
    import numpy as np

    golden = overlay.classifier.manifest.golden_vectors()
    found = overlay.predict(golden.images).scores
    wrong = np.flatnonzero((found != golden.scores).any(axis=1))
    if not len(wrong):
        return {"images": len(golden.images), "differing": 0}
    image = int(wrong[0])
    return {
        "images": len(golden.images),
        "differing": len(wrong),
        "image": image,
        "expected": golden.scores[image].tolist(),
        "in_a_batch": found[image].tolist(),
        "alone": [overlay.classify(golden.images[image]).scores.tolist() for _ in range(3)],
    }


def _speed(overlay: Any) -> dict[str, Any]:
    found = overlay.throughput_test(IMAGES, IMAGES)
    return {**found._asdict(), "power": [rail._asdict() for rail in found.power]}


def _counters(overlay: Any) -> dict[str, Any]:
    from .registers import REGISTERS

    registers = overlay.classifier.registers
    return {name.lower(): registers.read(name) for name in REGISTERS}


if __name__ == "__main__":
    sys.exit(main())
