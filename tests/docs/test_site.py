"""The site is built without a warning, every page in its place and every link with its end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_site_is_built_and_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = {path.name: path.read_text() for path in tmp_path.glob("*.html")}
    assert {"index.html", *(f"{path.stem}.html" for path in (ROOT / "docs").glob("[!R]*.md"))} <= pages.keys()
    for page in pages.values():
        assert not re.search(r'<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)="(?:https?:)?//', page)
    api = pages["api.html"]
    assert all(
        f'id="{name}"' in api for name in ("quant_train.export", "board.classifier.Classifier.classify")
    )


def test_links_of_the_readme_have_an_end() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text())
    assert all((ROOT / link).exists() for link in links)
