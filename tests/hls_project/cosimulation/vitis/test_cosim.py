"""Fake tools that succeed, fail, hang and lie: the right report, or an error that names what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from dt_scnn.errors import ConfigurationError, FlowError
from hls_project.cosimulation.vitis import Limits
from tests.hls_project.cosimulation.vitis.conftest import Bench


def test_a_passed_run_gives_the_scores_and_tagged_figures(either: Bench) -> None:
    report = either.run("succeed")
    np.testing.assert_array_equal(report.scores, either.scores)
    np.testing.assert_array_equal(report.labels, either.scores.argmax(axis=1))
    figures = json.loads(json.dumps(report.to_json()))
    assert figures["exact"] == {"value": 3, "kind": "simulated"}
    assert figures["latency"] == {
        "value": {"least": 850, "mean": 851.0, "most": 853},
        "kind": "simulated",
        "unit": "cycles",
    }
    assert figures["interval"]["value"] == {"least": 841, "mean": 841.0, "most": 843}
    assert figures["clock_estimate"] == {"value": 6.914, "kind": "synthesis-estimate", "unit": "ns"}
    assert {name: figure["value"] for name, figure in figures["resources"].items()} == {
        "LUT": 9876,
        "FF": 5123,
        "BRAM_18K": 3,
        "DSP": 0,
    }
    assert list(figures["modules"]) == ["spiking_conv2d_config32_s"]
    assert figures["modules"]["spiking_conv2d_config32_s"]["latency"]["value"]["most"] == 846
    assert report.synthesis.top.latency is None  # the tool's 'undef'


@pytest.mark.parametrize("release", ["2020.2", "2021.2", "2022.1", "2023.2", "2024.2"])
def test_no_release_prints_an_error_for_an_option_that_it_lacks(either: Bench, release: str) -> None:
    if shutil.which("tclsh") is None:
        pytest.skip("there is no tclsh (Debian, Ubuntu: apt install tcl)")
    report = either.run("succeed", release=release)
    np.testing.assert_array_equal(report.scores, either.scores)
    log = (either.output / "vitis_cosim.log").read_text()
    assert "Running: csynth_design" in log and "ERROR" not in log
    assert ("Running: config_compile -pipeline_style flp" in log) == (release >= "2022.1")


def test_a_tool_that_does_not_say_its_release_is_refused(either: Bench) -> None:
    with pytest.raises(
        FlowError, match=r"version prints no release, such as v2023\.2(.*\n)*command not found"
    ):
        either.run("no release")


def test_each_program_is_called_its_way(either: Bench) -> None:
    either.run("succeed")
    call = (either.fake / "call").read_text().split("\0")
    unified = ["--mode", "hls", "--tcl", "cosim_settings.tcl"]
    assert call == (unified if either.tool.unified else ["-f", "cosim_settings.tcl"])


def test_progress_goes_through_the_phases_and_counts_images(bench: Bench) -> None:
    bench.run("succeed")
    assert list(dict.fromkeys(stage for stage, _, _ in bench.phases)) == [
        "synthesis",
        "C test bench",
        "RTL compile",
        "RTL simulation",
        "check",
    ]
    assert [done for stage, done, _ in bench.phases if stage == "RTL simulation"] == [0, 1, 2, 3]
    assert bench.phases[-1] == ("check", 1, 1)


def test_one_image_has_no_interval(bench: Bench) -> None:
    assert bench.run("one image").to_json()["interval"] is None


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("fail", r"status 1\n(.*\n)*ERROR: \[HLS 207-3776\](.*\n)*log: .*vitis_cosim\.log"),
        ("killed", "SIGKILL"),
        ("exit at once", "did not end with 'C/RTL co-simulation finished: PASS'"),
        ("error but exit 0", r"printed errors\nERROR: \[COSIM 212-359\]"),
        ("log without verdict", "did not end with"),
        ("no post check", "no verdict on the hardware's answers"),
        ("bench disagrees", "2 of 3 images exact"),
        ("failed post check", r"ERROR: \[COSIM 212-361\](.*\n)*mismatch image 1 class 2 expected 5 got 6"),
        (
            "failed post check and said so",
            r"status 1\nmismatch image 1 class 2(.*\n)*ERROR: \[COSIM 212-361\]",
        ),
        ("failed report", r"dtscnn_cosim\.rpt says that the co-simulation ended with 'Fail'"),
        ("truncated report", r"dtscnn_cosim\.rpt is cut off"),
        ("no report", r"did not write .*dtscnn_cosim\.rpt"),
        ("another top", r"did not write .*dtscnn_cosim\.rpt; its folder has other_cosim\.rpt"),
        ("report on another top", r"dtscnn_csynth\.xml reports on other, not on dtscnn"),
        ("truncated xml", r"_csynth\.xml is cut off or malformed"),
        ("xml without resources", r"_csynth\.xml has no AreaEstimates/Resources/LUT"),
        ("xml with entities", r"_csynth\.xml declares"),
        ("no results", "left no results"),
        ("short results", "left 57 bytes of results, not 4 x 3 x 5"),
        (
            "wrong scores",
            r"1 of 3 images have wrong scores; the first: image 1, class 2, expected -?\d+, got",
        ),
        ("wrong label", "image 0 has the label"),
    ],
)
def test_failures_and_lies_are_named(bench: Bench, behaviour: str, message: str) -> None:
    with pytest.raises(FlowError, match=message):
        bench.run(behaviour)


@pytest.mark.parametrize(
    ("behaviour", "file"), [("stale synthesis", "dtscnn_csynth.xml"), ("stale cosim", "dtscnn_cosim.rpt")]
)
def test_reports_of_an_earlier_run_do_not_count(bench: Bench, behaviour: str, file: str) -> None:
    bench.run("succeed")
    with pytest.raises(FlowError, match=f"{file} is stale"):
        bench.run(behaviour)


def test_a_second_run_replaces_the_first(bench: Bench) -> None:
    bench.run("succeed")
    np.testing.assert_array_equal(bench.run("succeed").scores, bench.scores)


@pytest.mark.slow
def test_a_run_without_end_is_ended(bench: Bench) -> None:
    with pytest.raises(FlowError, match=r"did not end within 5 s(.*\n)*.*still here"):
        bench.run("hang", Limits(5, 20))


def test_a_silent_run_is_ended_with_its_children(bench: Bench) -> None:
    with pytest.raises(FlowError, match=r"printed nothing for 5 s"):
        bench.run("hang silently", Limits(20, 5))
    assert _gone(int((bench.fake / "child").read_text()))


def test_no_child_outlives_a_good_run(bench: Bench) -> None:
    bench.run("leave a child")
    assert _gone(int((bench.fake / "child").read_text()))


def test_an_interruption_ends_the_children(bench: Bench) -> None:
    child = bench.fake / "child"

    def interrupt() -> None:
        deadline = time.monotonic() + 10
        while not (child.exists() and child.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        bench.run("hang silently")
    assert _gone(int(child.read_text()))


def test_arrays_that_do_not_fit_are_refused(bench: Bench) -> None:
    bench.scores.resize((2, 6), refcheck=False)
    with pytest.raises(ConfigurationError, match=r"3 images need golden scores of \(3, 6\)"):
        bench.run("succeed")


def test_an_exchange_folder_with_blanks_is_refused(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "with blank").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "with blank"))
    with pytest.raises(ConfigurationError, match="TMPDIR"):
        bench.run("succeed")


def test_a_program_that_cannot_start_is_named(bench: Bench) -> None:
    Path(bench.tool.program).write_text("#!/no/such/interpreter\n")
    with pytest.raises(FlowError, match="could not be started"):
        bench.run("succeed")


def _gone(pid: int) -> bool:
    """Return whether a process has ended, within a second; one that nobody waited for counts as ended."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
