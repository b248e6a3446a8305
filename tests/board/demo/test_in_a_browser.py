"""The page in real JupyterLab and a real browser: strokes of mouse and finger, the gallery, a file, at desk and phone width."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from board import notebooks
from tests.browser import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
NOTEBOOK = Path(notebooks.__file__).parent / "4_demo.ipynb"
ROOT = Path(__file__).parents[3]
WAIT = 120_000
"""Milliseconds that a busy machine may take for anything."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def lab(chromium: Browser, mnist_bit: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on a folder with a notebook for each test, without a user's settings; gives a URL with a gap for its name."""
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")
    for name in ("desk", "phone"):
        shutil.copy(NOTEBOOK, folder / f"{name}.ipynb")
    write_settings(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "DTSCNN_BITSTREAM": str(mnist_bit),
        "DTSCNN_BOARD": "sim",
        "PYTHONPATH": str(ROOT),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        **{f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")},
    }
    call = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--ServerApp.port={port}"]
    call += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    with open(home / "lab.log", "w") as log:
        server = subprocess.Popen(call, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, home / "lab.log")
        yield f"http://127.0.0.1:{port}/lab/workspaces/{{0}}/tree/{{0}}.ipynb?token={token}"
    finally:
        server.terminate()
        server.wait(60)


def write_settings(home: Path) -> None:
    """Leave out the question for news, and keep every cell in the page, also those that are scrolled away."""
    files = {
        "config/labconfig/page_config.json": {
            "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}
        },
        "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
    }
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text(json.dumps(content))


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    while True:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.3)


def run_all(page: Page, url: str) -> None:
    """Open the notebook and run its cells."""
    page.set_default_timeout(WAIT)
    page.goto(url)
    page.get_by_text(re.compile(r"Python 3 \(ipykernel\) \| Idle")).or_(
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    ).first.wait_for()
    wide = "() => document.querySelector('.jp-Notebook').clientWidth > 250"
    if not page.evaluate(wide):  # the list of files takes a phone's whole screen
        page.locator(".jp-SideBar .lm-TabBar-tab[data-id=filebrowser]").click()
    page.wait_for_function(wide)
    started = page.locator(".jp-InputPrompt", has_text=re.compile(r"\[[*\d]+\]")).first
    select = page.locator(".jp-Dialog button.jp-mod-accept")
    while (
        not started.is_visible()
    ):  # a kernel that has said that it is idle may not listen yet, or is asked for again
        if select.is_visible():
            select.click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_timeout(5000)
    until_told(page, "2")  # the last cell shows sample image 1: all the others have run


def scores(page: Page) -> list[int]:
    """Return the scores that the page shows, none before the first answer."""
    shown = page.locator(".jupyter-widgets .dtscnn .number").all_inner_texts()
    return [int(text.replace(",", "")) for text in shown]


def until_told(page: Page, name: str) -> None:
    page.wait_for_function(
        "name => document.querySelector('.jupyter-widgets .dtscnn .told')?.innerText === name", arg=name
    )


def upload(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="A picture file").click()
    chooser.value.set_files(str(path))


def canvas(page: Page) -> tuple[float, float, float]:
    """Return where the canvas is: left, top, and its side, in the page's pixels."""
    found = page.locator(".jp-OutputArea canvas").first
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    assert box is not None and box["width"] == pytest.approx(box["height"])
    return box["x"], box["y"], box["width"]


def ink(page: Page) -> np.ndarray:
    """Return where the canvas is dark: bool (H, W)."""
    pixels = page.evaluate(
        "() => { const c = document.querySelector('.jp-OutputArea canvas');"
        " return Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data) }"
    )
    return np.array(pixels, np.uint8).reshape(280, 280, 4)[:, :, 0] < 128


def is_wider_than_the_window(page: Page) -> bool:
    """Say whether a part of the demo sticks out of the cell's output, to the right."""
    return page.evaluate(
        "() => { const edge = document.querySelector('.jupyter-widgets').closest('.jp-OutputArea')"
        ".getBoundingClientRect().right + 1;"
        " return [...document.querySelectorAll('.jupyter-widgets canvas, .jupyter-widgets img, .dtscnn *')]"
        ".some(e => e.getBoundingClientRect().right > edge) }"
    )


def test_scores_follow_the_mouse(chromium: Browser, lab: str, tmp_path: Path) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 1500})
    run_all(page, lab.format("desk"))
    x, y, side = canvas(page)
    page.get_by_role("button", name="Clear the page").click()
    page.get_by_text("Draw on the white page").wait_for()
    assert scores(page) == [] and not ink(page).any()

    seen = set()
    page.mouse.move(x + side * 0.5, y + side * 0.2)
    page.mouse.down()
    for step in range(1, 41):
        page.mouse.move(x + side * 0.5, y + side * (0.2 + 0.6 * step / 40))
        page.wait_for_timeout(50)
        seen.add(tuple(scores(page)))
    assert len(seen - {()}) >= 3  # live: answers came while the button was down
    page.mouse.up()
    until_told(page, "1")
    rows, columns = np.nonzero(ink(page))
    assert (rows.min(), rows.max(), columns.mean()) == (
        pytest.approx(56 - 12, abs=2),
        pytest.approx(224 + 12, abs=2),
        pytest.approx(139.5, abs=2),
    )
    one = scores(page)
    assert len(one) == 10 and max(one) == one[1]

    # Moving without a button draws nothing, and a second stroke is added to the first.
    before = ink(page).sum()
    page.mouse.move(x + side * 0.1, y + side * 0.1)
    page.wait_for_timeout(300)
    assert ink(page).sum() == before and scores(page) == one
    page.mouse.move(x + side * 0.2, y + side * 0.5)
    page.mouse.down()
    page.mouse.move(x + side * 0.8, y + side * 0.5, steps=10)
    page.mouse.up()
    page.wait_for_function(
        "() => document.querySelectorAll('.jupyter-widgets .dtscnn .number').length === 10"
    )
    page.wait_for_timeout(500)
    assert scores(page) != one and ink(page).sum() > before

    page.get_by_role("button", name="9", exact=True).click()
    page.locator(".jupyter-widgets .name .small", has_text="labelled 9").wait_for()
    assert not is_wider_than_the_window(page)
    assert page.locator(".jupyter-widgets img[alt^='spike maps of']").count() == 2
    picture = tmp_path / "one.png"
    drawn = np.full((300, 200), 240, np.uint8)
    drawn[40:260, 90:110] = 20
    Image.fromarray(drawn).save(picture)
    upload(page, picture)
    until_told(page, "1")
    (tmp_path / "no.png").write_bytes(b"no picture")
    upload(page, tmp_path / "no.png")
    page.get_by_text("the file that was uploaded is no picture that can be read").wait_for()
    page.screenshot(path=str(tmp_path / "desk.png"))
    page.close()


def test_a_finger_draws_on_a_phone(chromium: Browser, lab: str, tmp_path: Path) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    run_all(page, lab.format("phone"))
    page.get_by_role("button", name="Clear the page").click()
    page.get_by_text("Draw on the white page").wait_for()
    x, y, side = canvas(page)
    assert side > 200 and x >= 0 and x + side <= 390
    finger = context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": x + side * at[0], "y": y + side * at[1]}] if at else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.28, 0.25)
    for step in range(1, 11):
        touch("touchMove", 0.28 + 0.044 * step, 0.25)
    for step in range(1, 11):
        touch("touchMove", 0.72 - 0.027 * step, 0.25 + 0.055 * step)
    touch("touchEnd")
    until_told(page, "7")
    assert canvas(page) == (x, y, side)  # the page has not scrolled under the finger
    assert not is_wider_than_the_window(page)
    page.screenshot(path=str(tmp_path / "phone.png"))
    context.close()
