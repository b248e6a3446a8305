"""The page: what there is of a model, what is missing, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

import hls_project
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256
from dt_scnn.next_verb import WITHOUT_DATA
from dt_scnn_console.__main__ import app
from hls_project.command import report as command
from hls_project.page.parts import KEPT
from hls_project.pictures.firing import draw_maps
from hls_project.reports.made_from import write_report
from tests import models
from tests.hls_project.page import reports
from tests.hls_project.page.test_cards import train


def words(path: Path) -> str:
    """Return the text of a page, a space between two pieces."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(path.read_text())
    return " ".join(" ".join(found).split())


def write_data(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """Write a data set whose test images are its training images."""
    np.savez(path, train_images=images, train_labels=labels, test_images=images, test_labels=labels)


def test_a_model_with_no_results_names_every_command(network: Path, tmp_path: Path) -> None:
    build = tmp_path / "build"
    report = hls_project.report(network, build=build)
    assert report.path == build / "small" / "report.html" and report.is_exact
    said = words(report.path)
    for kept in KEPT:
        part = report.parts[kept.file]
        assert part.state == "not run" and part.command.endswith(f"--build {build}") and part.command in said
    assert f"dt-scnn csim {network} --dataflow --build {build}" in said
    assert "no plan of engines and folds was chosen yet" in said and f"dt-scnn explore {network}" in said
    assert not (build / "small" / "plan.json").exists()
    assert [rung.verdict for rung in report.ladder] == ["not run", "exact", "exact", *["not run"] * 6]
    assert "there is no card beside" in said and "of 12 images of the sample" in said


def test_all_that_is_there_is_shown(page: hls_project.Report) -> None:
    assert {part.state for part in page.parts.values()} == {"there"}
    assert {rung.verdict for rung in page.ladder[1:]} == {"exact"}
    said = words(page.path)
    for figure in ("64.5 cycles at 100 MHz", "1,550,388", "12 of 12 images, every score", "101.2 MHz", "setup slack 1.25 ns",
                   "812 LUT, 701 FF, 3 BRAM, 0 DSP", "101 cycles", "250", "501", "2 of 2 images", "yosys 0.70"):  # fmt: skip
        assert figure in said, figure
    names = {picture.name for picture in page.pictures}
    assert names == {"network.svg", "network-wide.svg", "counts.svg", "maps.svg", "vm.svg", "rates.svg", "resources.svg",
                     "cycles.svg", "fifos.svg", "streams.svg", "front.svg"}  # fmt: skip


def test_the_rate_of_a_co_simulation_without_a_steady_state_is_the_plan_s(
    page: hls_project.Report, network: Path, tmp_path: Path
) -> None:
    assert re.search(r"rate at 100 MHz [\d,]+ images/s co-simulation \(simulated\)", words(page.path))
    build = tmp_path / "build"
    shutil.copytree(page.path.parents[1], build)
    write_report(build / "small" / "reports" / "cosim.json", reports.COSIM | {"cycles_per_image": None})
    said = words(hls_project.report(network, build=build).path)
    assert re.search(r"rate at 100 MHz [\d,]+ images/s the plan \(model\)", said)


@pytest.mark.slow
def test_spikes_counted_beside_another_training_of_the_conventional_network_are_not_shown(
    network: Path, tmp_path: Path
) -> None:
    build, beside = tmp_path / "build", train(tmp_path / "work", "small-scnn", 1, 300, 1)
    report = hls_project.report(network, build=build).path
    for digest, shown in ((sha256(beside), True), ("0" * 64, False)):
        content = reports.COMPARE | {"conventional_sha256": digest}
        write_report(report.parent / "reports" / "compare.json", content)
        said = words(hls_project.report(network, build=build).path)
        assert ("additions that spikes cause (measured)" in said) == shown


def test_the_page_loads_nothing(page: hls_project.Report) -> None:
    text = page.path.read_text()
    places = re.findall(r"""\b(?:src|srcset|href)="([^"]+)""", text)
    assert len(places) > 15 and {place.split(":")[0] for place in places if place[0] != "#"} == {"data"}
    assert not re.search(r"<script|@import|url\(", text)


def test_what_is_damaged_is_printed_and_its_pictures_go(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = tmp_path / "build"
    hls_project.report(network, build=build)
    reports.write_all(build / "small")
    old = build / "small" / "report" / "fifos.svg"
    old.write_text("of before")
    (build / "small" / "reports" / "cosim.json").write_text("{")
    wrong = {"image": 7, "layer": "conv0", "got": None}
    csim = build / "small" / "reports" / "csim.json"
    csim.write_text(json.dumps(json.loads(csim.read_text()) | {"first_difference": wrong}))
    assert command.run(str(network), build, None, None) == 1
    shown = capsys.readouterr().out
    assert "not shown: " in shown and "cosim.json is damaged" in shown
    assert f"make it again: dt-scnn cosim {network}" in shown and "differs" in shown
    said = words(build / "small" / "report.html")
    assert "cosim.json is damaged" in said and "first: image 7, layer conv0" in said
    assert not old.exists() and (old.parent / "maps.svg").is_file()


def test_a_bare_file_has_a_page_and_its_text_is_text(tmp_path: Path) -> None:
    path = tmp_path / "bare.onnx"
    model = models.build("4C3-P2-FC3", (6, 6, 1), dual=False)
    entry = model.metadata_props.add()
    entry.key, entry.value = "dt_scnn.dataset", "<img src=x onerror=alert(1)>"
    path.write_bytes(model.SerializeToString())
    report = hls_project.report(path, build=tmp_path / "build")
    text = report.path.read_text()
    assert "<img src=x" not in text and "&lt;img src=x onerror=alert(1)&gt;" in text
    assert {picture.name for picture in report.pictures} == {"network.svg", "network-wide.svg"}
    assert report.ladder[1].verdict == "not run"


@pytest.mark.parametrize("shape", [(6, 6, 2), (6, 1, 1)])
def test_images_of_any_channels_are_drawn(shape: tuple[int, int, int], tmp_path: Path) -> None:
    path = tmp_path / "odd.onnx"
    path.write_bytes(models.build("2C3-FC3", shape).SerializeToString())
    images = np.zeros((2, *shape), np.uint8)
    images[..., 0] = 200
    np.savez(tmp_path / "sample.npz", images=images)
    report = hls_project.report(path, build=tmp_path / "build")
    assert "maps.svg" in {picture.name for picture in report.pictures}


@pytest.mark.parametrize(("channels", "drawn"), [(1, 200), (2, 100), (3, (200, 0, 0)), (4, 50)])
def test_an_image_is_drawn_in_colour_or_by_its_mean(channels: int, drawn: Any) -> None:
    image = np.zeros((2, 3, channels), np.uint8)
    image[..., 0] = 200
    figure = draw_maps(image, [], "")
    assert (figure.axes[0].images[0].get_array()[0, 0] == drawn).all()


def test_a_network_without_maps_has_a_page(tmp_path: Path) -> None:
    path = tmp_path / "flat.onnx"
    path.write_bytes(models.build("FC6-FC4", (4, 4, 1)).SerializeToString())
    np.savez(tmp_path / "sample.npz", images=np.zeros((3, 4, 4, 1), np.uint8))
    report = hls_project.report(path, build=tmp_path / "build")
    assert {"vm.svg", "rates.svg"} <= {picture.name for picture in report.pictures}
    assert "no layer of this network has a map that fires" in words(report.path)


def test_other_images_are_held_against_no_noted_scores_and_every_command_is_taken(
    network: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.npz"
    write_data(other, 255 - reports.IMAGES, reports.LABELS)
    report = hls_project.report(network, data=other, build=tmp_path / "build")
    assert report.ladder[1].verdict == "reference" and report.is_exact
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert report.ladder[0].command == ""  # of a file without a card nobody knows how it was trained
    commands = {one.command for one in (*report.ladder[1:], *report.parts.values())}
    assert len(commands) > len(KEPT)
    for line in commands:
        _, verb, *words = shlex.split(line)
        assert verbs[verb].make_context(verb, list(words)).params["model"] == str(network), line
        assert ("--data" in words) == (verb not in WITHOUT_DATA), line


def test_a_bare_file_has_a_page_after_it_was_run_on_other_data(tmp_path: Path) -> None:
    path, other = tmp_path / "bare.onnx", tmp_path / "other.npz"
    path.write_bytes(models.build("FC6-FC4", (4, 4, 1)).SerializeToString())
    write_data(other, np.zeros((8, 4, 4, 1), np.uint8), np.arange(8) % 4)
    hls_project.report(path, data=other, build=tmp_path / "build")
    assert (tmp_path / "build" / "bare" / "data.npz").is_file()
    assert hls_project.report(path, build=tmp_path / "build").ladder[1].verdict == "not run"


def test_a_damaged_sample_is_named_beside_other_data(network: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "small.onnx", tmp_path / "other.npz"
    path.write_bytes(network.read_bytes())
    path.with_name("sample.npz").write_bytes(b"PK\3\4")
    write_data(other, reports.IMAGES, reports.LABELS)
    with pytest.raises(ConfigurationError, match=r"sample\.npz: damaged"):
        hls_project.report(path, data=other, build=tmp_path / "build")


@pytest.mark.parametrize("package", ["matplotlib", "jinja2"])
def test_what_is_not_installed_is_said_with_its_extra(
    package: str, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=rf"{package}.*pip install 'dt-scnn\[report\]'"):
        hls_project.report(network, build=tmp_path / "build")
    assert not (tmp_path / "build").exists()


def test_an_unknown_model_is_one_message(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hls_project", "report", "absent"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stderr.startswith("error: there is no model 'absent'")


@pytest.mark.slow
def test_what_the_verbs_leave_is_read(network: Path, tmp_path: Path) -> None:
    build = tmp_path / "build"
    hls_project.explore(network, build=build)
    hls_project.csim(network, build=build, dataflow=True)
    hls_project.cosim(network, build=build, target="rtl")
    hls_project.gatesim(network, 2, build=build)
    hls_project.estimate(network, build=build)
    hls_project.timing(network, build=build)
    report = hls_project.report(network, build=build)
    states = {name: part.state for name, part in report.parts.items()}
    missing = ("simulated_board", "board", "compare", "bitstream")
    assert states == {name: "not run" if name in missing else "there" for name in states}
    assert {rung.verdict for rung in report.ladder[1:7]} == {"exact"}
    assert {part.remark for part in report.parts.values()} == {""}
