"""Readers of what describes a network: QONNX files, recipes, checkpoints, plans."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from dt_scnn import zoo
from tests.fuzz import mutations
from tests.fuzz.protobuf import onnx_model
from tests.fuzz.reader import Reader, written


def _networks() -> Sequence[bytes]:
    from tests import models
    from tests.hls_project.graph.edits import network
    from tests.hls_project.graph.test_moved_into_integers import CHANGES

    built = [
        models.build("2C3-P2-FC3", (6, 6, 1)),
        models.build("2C3s2-FC2-FC2", (5, 4, 3), dense="matmul"),
        models.build("1C2v-FC2", (3, 3, 1), dense="transposed", embed=False),
    ]
    for change in CHANGES.values():  # what other exporters write
        built.append(network())
        change(built[-1])
    return [model.SerializeToString() for model in built]


def _read_network(path: Path) -> object:
    from hls_project.graph.integer import integerize
    from hls_project.graph.validate import load

    return integerize(load(path))


def _recipes() -> Sequence[bytes]:
    own = b'dataset = "shapes"\n[data]\nsize = [8, 8]\nchannels = 1\n[network]\nspec = "4C3-FC3"\n[stage_one]\ntimesteps = 2\n'
    return [own, *(zoo.find(name).recipe.read_bytes() for name in zoo.names())]


def _read_recipe(path: Path) -> object:
    from quant_train.config import read_recipe
    from quant_train.spec import parse

    recipe = read_recipe(path, ["training.epochs=1"])
    return parse(recipe.network.spec)


def _checkpoints() -> Sequence[bytes]:
    import torch

    from quant_train.checkpoints import describe
    from quant_train.config import NetworkConfig, Recipe
    from quant_train.network import SpikingNetwork

    recipe = Recipe("digits", NetworkConfig("1C3-FC2"))
    network = SpikingNetwork(recipe.network, (3, 3, 1))
    content = {"state_dict": {f"network.{name}": value for name, value in network.state_dict().items()}}
    describe(content, recipe, network, ("a", "b"), 2)
    return [written(lambda path: torch.save(content, path))]


def _read_checkpoint(path: Path) -> object:
    from quant_train.checkpoints import load_checkpoint

    return load_checkpoint(path)


def _plans() -> Sequence[bytes]:
    plan = {
        "format": 1,
        "network": "mnist",
        "model": "0" * 64,
        "part": "xc7z020clg400-1",
        "clock_mhz": 100.0,
        "folds": {
            "conv0": {"engine": "adders", "pe": 16, "simd": 9, "mmv": 4},
            "dense0": {"engine": "dense", "pe": 10, "simd": 12},
        },
        "board": "pynq-z2",
        "goal": {"images_per_second": 1e4, "budget": {"lut": 80.0, "ff": 90.0, "bram": 90.0, "dsp": 90.0}},
    }
    return [json.dumps(plan).encode(), json.dumps(plan | {"goal": None, "board": None}).encode()]


def _read_plan(path: Path) -> object:
    from hls_project.plan.plan import load

    return load(path).to_json()


READERS = (
    Reader("model", "net.onnx", _networks, _read_network, onnx_model),
    Reader("recipe", "recipe.toml", _recipes, _read_recipe, mutations.text),
    Reader("checkpoint", "last.ckpt", _checkpoints, _read_checkpoint, mutations.archive),
    Reader("plan", "plan.json", _plans, _read_plan, mutations.json_text),
)
