"""Pictures of shapes in class folders, as somebody may have drawn them: three classes, with noise, anywhere in the frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("circle", "cross", "square")


def shape(name: str, size: tuple[int, int] = (16, 16), seed: int = 0, noise: int = 40) -> Image.Image:
    """Return a grey picture of `size` (H, W) with one shape, light on dark."""
    rng = np.random.default_rng([seed, CLASSES.index(name)])
    height, width = size
    radius = rng.uniform(0.22, 0.32) * min(size)
    x, y = width / 2 + rng.uniform(-0.12, 0.12) * width, height / 2 + rng.uniform(-0.12, 0.12) * height
    picture = Image.new("L", (width, height), int(rng.integers(0, 40)))
    draw, ink = ImageDraw.Draw(picture), int(rng.integers(170, 256))
    box = (x - radius, y - radius, x + radius, y + radius)
    line = max(1, min(size) // 10)
    if name == "circle":
        draw.ellipse(box, outline=ink, width=line)
    elif name == "square":
        draw.rectangle(box, outline=ink, width=line)
    else:
        draw.line(box, fill=ink, width=line)
        draw.line((box[0], box[3], box[2], box[1]), fill=ink, width=line)
    noisy = np.asarray(picture).astype(int) + rng.integers(0, noise + 1, (height, width))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def write(folder: Path, each: int, size: tuple[int, int] = (16, 16), seed: int = 0) -> Path:
    """Write `each` PNG files into each of three class folders; return `folder`."""
    for name in CLASSES:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(each):
            shape(name, size, seed + index).save(folder / name / f"{index:04}.png")
    return folder
