"""From the spiking layers of an hls4ml `ModelGraph` to a self-contained folder of SystemVerilog."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from math import prod
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from hls4ml.model.graph import ModelGraph

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import signed_width
from hls_project.targets.rtl import CORE, FILE_LIST, PLAN
from hls_project.targets.rtl.adder_kernel import adder_kernel
from hls_project.targets.rtl.plan import HardwareLayer, fifo, hardware_layers
from hls_project.targets.rtl.solve import solve
from hls_project.targets.rtl.tables import hex_literal, lane_tables

HERE = Path(__file__).parent


def write_core(model: ModelGraph, folder: Path) -> None:
    """Write library, layers, top, memory files, file list and plan of `model` into `folder`.

    Raises:
        ConfigurationError: the graph has no hardware, as `plan.hardware_layers`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [source.name for source in sorted((HERE / "lib").glob("*.sv"))]
    for name in files:
        shutil.copyfile(HERE / "lib" / name, folder / name)
    layers = hardware_layers(model)
    plans = []
    for layer in layers:
        written = _layer(layer, folder)
        files += written.files
        plans.append(written.plan)
    files.append(f"{CORE}.sv")
    _write(folder / files[-1], _core(model, layers))
    (folder / FILE_LIST).write_text("".join(f"{name}\n" for name in files))
    (folder / PLAN).write_text(json.dumps(plans, indent=1) + "\n")


@dataclass(frozen=True)
class _Written:
    files: list[str]
    plan: dict[str, Any]


def _layer(layer: HardwareLayer, folder: Path) -> _Written:
    """Write the files of one layer; return their names and the plan's entry."""
    height, width, channels = layer.input_shape
    maps, kernels = layer.thresholds.shape if layer.thresholds is not None else (0, layer.output_shape[2])
    values: dict[str, Any] = {
        "name": layer.name,
        "summary": _summary(layer),
        "height": height,
        "width": width,
        "channels": channels,
        "beats": height * width,
        "input_bits": layer.input_bits,
        "in_bits": channels * layer.input_bits,
        "out_bits": layer.output_shape[2],
        "folds": layer.folds,
        "fold_bits": layer.fold_bits,
        "lanes": layer.lanes,
        "maps": maps,
        "kernels": kernels,
        "vm_bits": layer.vm_bits,
        "vm_height": layer.vm_shape[0],
        "vm_width": layer.vm_shape[1],
        "weight_bits": layer.weight_bits,
        "pool_factor": layer.pool,
        "kernel_height": layer.kernel[0],
        "kernel_width": layer.kernel[1],
        "stride_height": layer.stride[0],
        "stride_width": layer.stride[1],
        "taps_bits": prod(layer.kernel) * channels * layer.input_bits,
    }
    values |= zip(("pad_top", "pad_left", "pad_bottom", "pad_right"), layer.pads, strict=True)
    if layer.thresholds is not None:
        values["thresholds"] = _threshold_literal(layer)
    files, kernel_latency = [], 0
    if layer.kind == "conv":
        kernel_file = f"dtscnn_{layer.name}_kernel.sv"
        text, kernel_latency = _kernel(layer, values)
        _write(folder / kernel_file, text)
        files.append(kernel_file)
        # Window, kernel, firing (one more cycle gathers the folds) and pooling.
        latency = layer.folds + kernel_latency + (2 if layer.folds > 1 else 1) + (layer.pool > 1)
        values["kernel_latency"] = kernel_latency
        values["pool"] = _fill("conv_pool" if layer.pool > 1 else "conv_no_pool", values)
        body = "conv"
    elif layer.kind == "pool":
        latency, body = 1, "pool"
    else:
        _write(folder / f"dtscnn_{layer.name}.mem", _dense_memory(layer))
        latency = (layer.lanes - 1).bit_length() + 4
        values["dense"] = _fill("dense", values)
        body = "dense_fire"
    buffer = None
    if layer.kind == "dense" and layer.thresholds is None:
        text = _fill("dense_scores", values)
    else:
        buffer = fifo(layer, latency)
        text = _fill("layer", values | vars(buffer) | {"body": _fill(body, values)})
    files.append(f"dtscnn_{layer.name}.sv")
    _write(folder / files[-1], text)
    plan = {
        "name": layer.name,
        "layer": layer.source,
        "kind": layer.kind,
        "folds": layer.folds,
        "lanes": layer.lanes,
        "kernel_latency": kernel_latency,
        "latency": latency,
        "cycles": layer.cycles,
        "vm_bits": layer.vm_bits,
        "vm_shape": list(layer.vm_shape),
        "input_shape": list(layer.input_shape),
        "output_shape": list(layer.output_shape),
        "maps": maps,
        "kernels": kernels,
        "fifo": None if buffer is None else vars(buffer),
    }
    return _Written(files, plan)


def _kernel(layer: HardwareLayer, values: dict[str, Any]) -> tuple[str, int]:
    """Return the kernel module and its latency in cycles."""
    assert layer.weights is not None
    if layer.input_bits > 1:
        if layer.folds > 1:
            raise ConfigurationError(
                f"layer {layer.name!r}: a convolution over pixels computes all its kernels in every cycle; "
                f"its reuse factor must be 1, not {layer.folds}"
            )
        graph = solve(layer.weights[0], layer.input_bits)
        kernel = adder_kernel(graph, layer.input_bits, layer.vm_bits)
        found = {"body": kernel.body, "adds": len(graph.adds), "kernel_latency": kernel.latency}
        return _fill("kernel_adders", values | found), kernel.latency
    tables = lane_tables(layer.weights)
    shared = values | {
        "taps": layer.weights.shape[1],
        "group": tables.group,
        "groups": tables.groups,
        "sum_bits": tables.sum_bits,
    }
    lanes = [
        _fill("kernel_spike_lane", shared | {"lane": lane, "tables": tables.literal(lane)})
        for lane in range(layer.lanes)
    ]
    return _fill("kernel_spikes", shared | {"body": "\n".join(lanes)}), 1 + (tables.groups - 1).bit_length()


def _threshold_literal(layer: HardwareLayer) -> str:
    """Return the thresholds as module `dt_fire` takes them: fold, map, lane."""
    assert layer.thresholds is not None
    maps = len(layer.thresholds)
    folds, lanes = (layer.folds, layer.lanes) if layer.kind == "conv" else (1, layer.thresholds.shape[1])
    ordered = layer.thresholds.reshape(maps, folds, lanes).transpose(1, 0, 2)
    # A threshold beyond the range that a potential can reach acts like the nearest that it can't.
    limit = 1 << layer.vm_bits
    ordered = np.clip(ordered, -limit, limit - 1)
    assert signed_width(int(ordered.min()), int(ordered.max())) <= layer.vm_bits + 1
    return hex_literal(ordered.reshape(-1), layer.vm_bits + 1)


def _dense_memory(layer: HardwareLayer) -> str:
    """Return the weights as module `dt_dense` reads them: a word for each fold of each beat, in hexadecimal."""
    assert layer.weights is not None
    words = layer.weights.reshape(-1, layer.lanes * layer.weights.shape[1])
    bits, digits = layer.weight_bits, -(-layer.weight_bits * words.shape[1] // 4)
    return "".join(f"{int(hex_literal(word, bits).split('h')[1], 16):0{digits}x}\n" for word in words)


def _core(model: ModelGraph, layers: list[HardwareLayer]) -> str:
    source, body = "pixel", []
    for layer in layers:
        values = {"name": layer.name, "from": source, "out_bits": layer.output_shape[2]}
        body.append(_fill("core_scores" if layer is layers[-1] else "core_layer", values))
        source = layer.name
    height, width, channels = layers[0].input_shape
    image = [int(size) for size in model.get_input_variables()[0].shape]
    return _fill(
        "core",
        {
            "summary": f"Dual-threshold spiking CNN on {' x '.join(map(str, image))} pixels: "
            + ", ".join(layer.name for layer in layers),
            "classes": layers[-1].output_shape[2],
            "in_bits": channels * layers[0].input_bits,
            "body": "\n\n".join(body),
        },
    )


def _summary(layer: HardwareLayer) -> str:
    sizes = " -> ".join(" x ".join(map(str, shape)) for shape in (layer.input_shape, layer.output_shape))
    return (
        f"{layer.kind}, {sizes}, {layer.folds} cycles for each {'window' if layer.kind == 'conv' else 'beat'}"
    )


def _fill(template: str, values: dict[str, Any]) -> str:
    """Return a template with its values, without the line end."""
    text = (HERE / "templates" / f"{template}.sv").read_text()
    return Template(text).substitute(values).rstrip("\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip("\n") + "\n")
