"""Manifest and golden vectors of an overlay, as `board.manifest` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from board.manifest import FORMAT
from board.preparation import measure
from dt_scnn.files import sha256, write_json, write_npz
from hls_project.graph.integer import integerize
from hls_project.graph.network_summary import NetworkSummary
from hls_project.parity import golden
from hls_project.plan.plan import Plan
from hls_project.workspace.folder import Workspace
from hls_project.workspace.images import load_images


def write_manifest(
    folder: Path,
    workspace: Workspace,
    network: NetworkSummary,
    *,
    kind: str,
    target: str,
    board: str,
    part: str,
    clock_mhz: float,
    build_id: str,
    bus_bits: int,
    hardware: Sequence[str],
    plan: Plan | None = None,
) -> Path:
    """Write `<model>.golden.npz`, `<model>.network.npz` and `<model>.json` for the overlay in `folder`; return the last's path.

    The overlay's `.bit` must be there, and the files named in `hardware`: the `.hwh`, or what simulates. The golden vectors
    are the model's sample with its scores and labels, -1 where unknown; `board.reference` describes the network's file.
    plan: the engines and folds that the core was made with.

    Raises:
        ConfigurationError: the model has no sample.
    """
    name = workspace.name
    images, labels = load_images(workspace, None, None)
    arrays: dict[str, Any] = {"images": images, "scores": golden.scores(workspace.model, images)}
    arrays["labels"] = np.full(len(images), -1) if labels is None else labels.astype(np.int64)
    vector_file = folder / f"{name}.golden.npz"
    write_npz(vector_file, arrays)
    made = [f"{name}.bit", write_network(folder / f"{name}.network.npz", workspace.model).name]
    made += hardware
    height, width, channels = network.input_shape
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "model": sha256(workspace.model),
        "kind": kind,
        "target": target,
        "board": board,
        "part": part,
        "clock_mhz": clock_mhz,
        "build_id": build_id,
        "shape": [height, width, channels],
        "classes": list(network.classes),
        "bus_bits": bus_bits,
        "frame_bytes": height * width * channels,
        "result_words": len(network.classes) + 1,
        "golden": {"file": vector_file.name, "sha256": sha256(vector_file)},
        "files": {file: sha256(folder / file) for file in made},
    }
    if (drawing := measure(images)) is not None:
        manifest["drawing"] = drawing._asdict()
    if plan is not None:
        manifest["plan"] = plan.to_json()
    write_json(folder / f"{name}.json", manifest)
    return folder / f"{name}.json"


def write_network(path: Path, model: Path) -> Path:
    """Write the integer network of a QONNX file as `board.reference.Reference` reads it; return `path`."""
    layers = integerize(model).layers
    arrays: dict[str, Any] = {"layers": np.array([layer.name for layer in layers])}
    for layer in layers:
        arrays[f"{layer.name}/weights"] = layer.taps.astype(np.int8)
        arrays[f"{layer.name}/geometry"] = np.array([*layer.stride, *layer.pads, layer.pool], np.int32)
        if layer.thresholds is not None:
            arrays[f"{layer.name}/thresholds"] = layer.thresholds.astype(np.int32)
    write_npz(path, arrays)
    return path
