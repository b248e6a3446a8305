"""One reader under Atheris: `python -m tests.fuzz.harness READER FINDINGS CORPUS [option of libFuzzer ...]`.

What a reader raises that is no error of this project is kept as a file in FINDINGS, named by its type and place, and the run goes
on. An input that takes too long, or more memory than it may, ends the run: libFuzzer leaves it in FINDINGS.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import traceback
from pathlib import Path
from random import Random

import atheris

INSTRUMENTED = ["dt_scnn", "board", "quant_train", "hls_project", "tomllib"]
MEMORY = 3 << 30
"""Bytes of address space beyond what the libraries have taken."""


def signature(error: BaseException) -> str:
    """Return what tells one finding from another: its type, and where in this project it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if any(f"/{name}/" in frame.filename for name in INSTRUMENTED)]
    place = (own or frames)[-1]
    return f"{type(error).__name__}-{Path(place.filename).stem}-{place.name}-{place.lineno}"


def main(name: str, findings: Path, corpus: Path, options: list[str]) -> None:
    """Run one reader; does not return."""
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.catalogue import READERS
        from tests.fuzz.reader import outcome

        reader = READERS[name]
        seeds = reader.seeds()
        folder = Path(
            tempfile.mkdtemp(prefix=f"fuzz-{name}-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        )
        (folder / reader.file).parent.mkdir(parents=True, exist_ok=True)
        for seed in seeds:
            assert not outcome(reader, seed, folder), outcome(reader, seed, folder)
        for path in list(findings.iterdir()):
            try:
                outcome(reader, path.read_bytes(), folder)
            except Exception:
                continue
            path.unlink()  # it is mended
    for index, seed in enumerate(seeds):
        (corpus / f"seed{index}").write_bytes(seed)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, resource.RLIM_INFINITY))
    rng = Random()

    def one(content: bytes) -> None:
        try:
            outcome(reader, content, folder)
        except Exception as error:
            place = findings / signature(error)
            if not place.exists() or place.stat().st_size > len(content):
                place.write_bytes(content)

    def mutated(content: bytes, most: int, seed: int) -> bytes:
        rng.seed(seed)
        if rng.random() < 0.2:
            return bytes(atheris.Mutate(content, most))
        changed = reader.mutate(content, rng)
        return changed if len(changed) <= most else content

    atheris.Setup(
        [sys.argv[0], *options, f"-artifact_prefix={findings}/", str(corpus)], one, custom_mutator=mutated
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
