"""From the spiking layers of an hls4ml `ModelGraph` to a self-contained folder of SystemVerilog."""

from __future__ import annotations

import json
import shutil
from math import gcd
from pathlib import Path
from typing import Any

from hls4ml.model.graph import ModelGraph

from hls_project.targets.rtl import CORE, FILE_LIST, PLAN
from hls_project.targets.rtl.engines import engine_of
from hls_project.targets.rtl.engines.engine import Engine, Pixels, Written
from hls_project.targets.rtl.graph import hardware_layers
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import fill, write

HERE = Path(__file__).parent


def write_core(model: ModelGraph, folder: Path) -> None:
    """Write library, layers, top, memory files, file list and plan of `model` into `folder`.

    Raises:
        ConfigurationError: the graph has no hardware, as `graph.hardware_layers`.
    """
    layers = hardware_layers(model)
    engines = [engine_of(layer) for layer in layers]
    folder.mkdir(parents=True, exist_ok=True)
    library = [f"lib/{source.name}" for source in sorted((HERE / "lib").glob("*.sv"))]
    library += [module for engine in engines for module in engine.modules]
    files = []
    for module in dict.fromkeys(library):
        files.append(Path(module).name)
        shutil.copyfile(HERE / module, folder / files[-1])
    plan = []
    for layer, engine in zip(layers, engines, strict=True):
        assert layer.fold is not None
        written = engine.write(layer, layer.fold, folder)
        files += written.files
        plan.append(_entry(layer, engine, written))
    files.append(f"{CORE}.sv")
    pixels = [
        engine.pixels(layer, layer.fold) for layer, engine in zip(layers, engines, strict=True) if layer.fold
    ]
    write(folder / files[-1], _core(model, layers, pixels))
    (folder / FILE_LIST).write_text("".join(f"{name}\n" for name in files))
    (folder / PLAN).write_text(json.dumps(plan, indent=1) + "\n")


def _entry(layer: HardwareLayer, engine: Engine, written: Written) -> dict[str, Any]:
    """Return what later stages need to know of a layer."""
    fold = layer.fold
    assert fold is not None
    return {
        "name": layer.name,
        "layer": layer.source,
        "kind": layer.kind,
        "engine": fold.engine,
        "pe": fold.pe,
        "simd": fold.simd,
        "mmv": fold.mmv,
        "takes": engine.pixels(layer, fold).takes,
        "kernel_folds": engine.kernel_folds(layer, fold),
        "latency": written.latency,
        "cycles": engine.cycles(layer, fold),
        "vm_bits": layer.vm_bits,
        "vm_shape": list(layer.vm_shape),
        "input_shape": list(layer.input_shape),
        "output_shape": list(layer.output_shape),
        "maps": layer.maps,
        "kernels": layer.kernels,
        "fifo": None if written.fifo is None else vars(written.fifo),
    }


def _core(model: ModelGraph, layers: list[HardwareLayer], pixels: list[Pixels]) -> str:
    source, gives, body = "pixel", pixels[0].takes, []
    for layer, beats in zip(layers, pixels, strict=True):
        for takes in _steps(gives, beats.takes):
            adapter = {"name": f"{layer.name}_{takes}", "from": source, "gives": gives, "takes": takes}
            adapter |= {"width": layer.input_shape[1], "pixel_bits": layer.input_shape[2] * layer.input_bits}
            body.append(fill("templates/core_pixels", adapter))
            source, gives = f"{layer.name}_{takes}_in", takes
        values = {"name": layer.name, "from": source, "out_bits": layer.output_shape[2] * beats.gives}
        body.append(fill(f"templates/{'core_scores' if layer is layers[-1] else 'core_layer'}", values))
        source, gives = layer.name, beats.gives
    height, width, channels = layers[0].input_shape
    image = [int(size) for size in model.get_input_variables()[0].shape]
    return fill(
        "templates/core",
        {
            "summary": f"Dual-threshold spiking CNN on {' x '.join(map(str, image))} pixels: "
            + ", ".join(layer.name for layer in layers),
            "classes": layers[-1].output_shape[2],
            "in_bits": channels * layers[0].input_bits * pixels[0].takes,
            "beat": "all channels in one beat"
            if pixels[0].takes == 1
            else f"{pixels[0].takes} of a row and all channels in one beat",
            "body": "\n\n".join(body),
        },
    )


def _steps(gives: int, takes: int) -> list[int]:
    """Return the pixels of the beats that adapters make, one after the other: one of two numbers divides the other."""
    if gives == takes:
        return []
    return [takes] if gives % takes == 0 or takes % gives == 0 else [gcd(gives, takes), takes]
