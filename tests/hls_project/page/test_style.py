"""Pictures follow the reader's scheme, and what is written in them can be read in both."""

from __future__ import annotations

import re

import pytest

import hls_project
from hls_project.pictures.style import NAMES, SCHEMES


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, by WCAG 2."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_bars_stand_out(scheme: str) -> None:
    colours = {NAMES[mark]: colour for mark, colour in SCHEMES[scheme].items()}
    for name in ("ink", "muted", "first", "second", "limit", "good"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    assert contrast(colours["other"], colours["paper"]) >= 3
    assert contrast("#000000", "#ffffff") == 21


def test_pictures_have_the_colours_of_both_schemes_and_no_other(page: hls_project.Report) -> None:
    for picture in page.pictures:
        svg = picture.read_text()
        assert svg.startswith("<svg") and "prefers-color-scheme: dark" in svg
        style, body = svg.split("</style>", 1)
        for scheme in SCHEMES.values():
            assert all(colour in style for colour in scheme.values())
        drawn = re.sub(r'xlink:href="data:[^"]*"', "", body)
        fixed = set(re.findall(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b(?=[;\"])", drawn))
        # White is the halo of a threshold on a colour bar, whose own colours are the same in both schemes.
        assert "var(--ink)" in drawn and fixed <= {"#ffffff"}, picture.name
