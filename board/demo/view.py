"""An answer as HTML: in a widget while one draws, and as the output of a cell where there are no widgets."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..reference import LayerMaps
from .answer import Answer
from .samples import Sample

_COLOURS = np.array([(38, 43, 51, 255), (222, 111, 43, 255), (255, 221, 117, 255)], np.uint8)
"""RGBA of a neuron that does not fire, that fires at one threshold, and at both."""

_GAP = 2
"""Pixels between two maps."""

_STYLE = """<style>
.dtscnn { color: var(--jp-ui-font-color1, #222); font: 14px/1.45 system-ui, sans-serif; max-width: 680px; overflow-wrap: anywhere }
.dtscnn img { max-width: 100%; height: auto; image-rendering: pixelated }
.dtscnn .said { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: flex-start }
.dtscnn .said > div { min-width: 0 }
.dtscnn .said > div:first-child { width: 204px }
.dtscnn .name { font-size: 28px; line-height: 1.2; font-weight: 600; margin-bottom: 6px }
.dtscnn .small { color: var(--jp-ui-font-color2, #666); font-size: 12px; font-weight: 400 }
.dtscnn .scores { display: grid; grid-template-columns: max-content minmax(60px, 180px) max-content; gap: 1px 8px; font-size: 13px }
.dtscnn .scores > * { line-height: 18px }
.dtscnn .number { text-align: right; font-variant-numeric: tabular-nums }
.dtscnn .bar { position: relative; background: var(--jp-layout-color2, #eee); height: 12px; margin: 3px 0 }
.dtscnn .bar i { position: absolute; top: 0; bottom: 0; background: #7d8a99 }
.dtscnn .first { font-weight: 600 } .dtscnn .first i { background: #de6f2b }
.dtscnn .layer { margin: 10px 0 2px }
.dtscnn .key i { display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 10px; outline: 1px solid #8b95a1 }
.dtscnn .wrong { color: #c62828; font-weight: 600 }
.dtscnn .gallery { display: flex; flex-wrap: wrap; gap: 8px }
.dtscnn .gallery figure { margin: 0; width: 76px; text-align: center; font-size: 12px; line-height: 1.25 }
.dtscnn p { margin: 6px 0 }
</style>"""


def answer_html(answer: Answer) -> str:
    """Return the whole answer, as the output of a cell."""
    return said_html(answer) + maps_html(answer)


def said_html(answer: Answer) -> str:
    """Return what the hardware was given, the class that it tells, the scores and the time."""
    height, width, channels = answer.frame.shape
    given = f"{height} x {width}" + (" x 3" if channels == 3 else "")
    truth = (
        "" if answer.truth is None else f' <span class="small">labelled {html.escape(answer.truth)}</span>'
    )
    return _framed(
        f'<div class="said"><div><img width="112" alt="what the hardware gets" src="{image_url(answer.frame, 112)}">'
        f'<p class="small">what the hardware gets, {given}</p>{_time(answer)}</div>'
        f'<div><div class="name"><span class="told">{html.escape(answer.result.class_name)}</span>{truth}</div>{_scores(answer)}</div></div>'
    )


def maps_html(answer: Answer) -> str:
    """Return where the spike maps come from, and those of every layer."""
    return _framed(_compared(answer) + _maps(answer))


def text_html(text: str, kind: str = "small") -> str:
    """Return a line of text. kind: "small", or "wrong" for an error."""
    return _framed(f'<p class="{kind}">{html.escape(text)}</p>')


def gallery_html(samples: Iterable[Sample], note: str) -> str:
    """Return a gallery to look at: each image with its number and its class, and a note above."""
    figures = [
        f'<figure><img width="64" alt="" src="{image_url(sample.image, 64)}"><br>'
        f"{sample.index}{'' if sample.name is None else ': ' + html.escape(sample.name)}</figure>"
        for sample in samples
    ]
    return _framed(f'<p class="small">{html.escape(note)}</p><div class="gallery">{"".join(figures)}</div>')


def png(pixels: np.ndarray, side: int = 0) -> bytes:
    """Return pixels, uint8 (H, W, 1), (H, W, 3) or (H, W, 4), as a PNG file, enlarged by whole factors to about `side` pixels.

    Images of other numbers of channels are shown by the mean of them.
    """
    from PIL import Image

    if pixels.shape[2] not in (1, 3, 4):
        pixels = np.rint(pixels.mean(axis=2, keepdims=True)).astype(np.uint8)
    factor = max(1, side // max(pixels.shape[:2]))
    large = pixels.repeat(factor, axis=0).repeat(factor, axis=1)
    picture: Any = Image.fromarray(large[:, :, 0] if large.shape[2] == 1 else large)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def image_url(pixels: np.ndarray, side: int = 0) -> str:
    """Return `png` as a URL that holds it."""
    return "data:image/png;base64," + base64.b64encode(png(pixels, side)).decode()


def spike_mosaic(layer: LayerMaps) -> np.ndarray:
    """Return a layer's spikes as RGBA pixels: a tile a kernel, coloured by how many of its thresholds fire.

    A tile's pixels are enlarged by a whole factor. The tiles are in the kernels' order, from left to right.
    """
    assert layer.spikes is not None and layer.thresholds is not None  # of a layer that fires
    height, width, kernels = layer.vm.shape
    fired = layer.spikes.reshape(height, width, len(layer.thresholds), kernels).sum(axis=2)
    factor = max(1, (56 if kernels <= 32 else 32) // max(height, width))
    rows = -(-kernels // max(1, 640 // (width * factor + _GAP)))
    columns = -(-kernels // rows)
    down, across = height * factor + _GAP, width * factor + _GAP
    mosaic = np.zeros((rows * down - _GAP, columns * across - _GAP, 4), np.uint8)
    for kernel in range(kernels):
        top, left = kernel // columns * down, kernel % columns * across
        tile = fired[:, :, kernel].repeat(factor, axis=0).repeat(factor, axis=1)
        # With one threshold there is no "both": its spikes have the brighter colour.
        level = tile * 2 if len(layer.thresholds) == 1 else np.minimum(tile, 2)
        mosaic[top : top + height * factor, left : left + width * factor] = _COLOURS[level]
    return mosaic


def _framed(content: str) -> str:
    return f'{_STYLE}<div class="dtscnn">{content}</div>'


def _time(answer: Answer) -> str:
    cycles, call = ("simulated cycles", "simulated") if answer.simulated else ("cycles", "measured")
    return (
        f"<p>{answer.cycles / answer.mhz:,.2f} &micro;s in hardware<br>"
        f'<span class="small">{answer.cycles:,} {cycles} at {answer.mhz:g} MHz</span></p>'
        f'<p>{1e3 * answer.result.latency:,.1f} ms from Python<br><span class="small">the call of classify, {call}</span></p>'
    )


def _scores(answer: Answer) -> str:
    scores = [int(score) for score in answer.result.scores]
    low, high = min(0, *scores), max(0, *scores)
    span = max(1, high - low)
    rows = []
    for label, (name, score) in enumerate(zip(answer.classes, scores)):
        first = ' class="first"' if label == answer.result.label else ""
        left, right = 100 * (min(score, 0) - low) / span, 100 - 100 * (max(score, 0) - low) / span
        bar = f'<i style="left:{left:.1f}%;right:{right:.1f}%"></i>'
        rows.append(
            f'<span{first}>{html.escape(name)}</span><span class="bar{" first" if first else ""}">{bar}</span>'
            f'<span class="number{" first" if first else ""}">{score:,}</span>'
        )
    return f'<div class="scores">{"".join(rows)}</div>'


def _compared(answer: Answer) -> str:
    expected = answer.expected
    if expected is None:
        return (
            '<p class="small">The hardware gives scores alone, and this overlay came without the network file '
            "(.network.npz) that spike maps are computed from.</p>"
        )
    if answer.is_exact:
        return (
            f'<p class="small">The hardware gives scores alone: the maps are computed by this processor from the same integer '
            f"network, and all {len(expected)} scores of both are equal.</p>"
        )
    label = int(np.flatnonzero(answer.result.scores != expected)[0])
    return (
        f'<p class="wrong">The hardware\'s scores are not those of the integer network: {html.escape(answer.classes[label])} '
        f"has {int(answer.result.scores[label])}, not {int(expected[label])}. The maps are of the network on this processor.</p>"
    )


def _maps(answer: Answer) -> str:
    parts = []
    for layer in answer.layers:
        if layer.spikes is None or layer.thresholds is None:
            continue
        height, width, kernels = layer.vm.shape
        fired = layer.spikes.reshape(-1, len(layer.thresholds), kernels).mean(axis=(0, 2))
        names = ["Vth1", "Vth2"] if len(fired) == 2 else ["Vth"]
        rates = ", ".join(f"{name} by {100 * rate:.1f} %" for name, rate in zip(names, fired))
        mosaic = spike_mosaic(layer)
        parts.append(
            f'<div class="layer"><b>{html.escape(layer.name)}</b> <span class="small">{kernels} kernels of '
            f"{height} x {width}; reached: {rates}</span></div>"
            f'<img width="{mosaic.shape[1]}" alt="spike maps of {html.escape(layer.name)}" src="{image_url(mosaic)}">'
        )
    if not parts:
        return ""
    two = any(layer.thresholds is not None and len(layer.thresholds) == 2 for layer in answer.layers)
    shown = (
        [("no spike", 0), ("Vm reaches Vth1", 1), ("and Vth2", 2)] if two else [("no spike", 0), ("spike", 2)]
    )
    key = "".join(
        f'<i style="background:rgb{tuple(map(int, _COLOURS[level][:3]))}"></i>{name}' for name, level in shown
    )
    return f'<p class="small key">Each tile is a kernel:{key}</p>{"".join(parts)}'
