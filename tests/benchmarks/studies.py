"""What the ablations vary: overrides of a model's recipe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Study:
    """Where a search began and how short its trainings are, and what was changed: overrides of the model's recipe."""

    base: list[str]
    variants: dict[str, list[str]]


FASHION_MNIST = Study(
    [
        *("network.surrogate_width=2.0", "stage_one.weight_bits=0", "training.flip=true"),
        *("training.train_images=12000", "training.held_out=10000"),
        *("training.epochs=6", "stage_one.epochs=3"),
    ],
    {
        "base": [],
        "base, seed 2": ["training.seed=2"],
        "base, seed 3": ["training.seed=3"],
        "one stage, 6 epochs": ["stage_one=none"],
        "one stage, 12 epochs": ["stage_one=none", "training.epochs=12", "training.learning_rate=0.01"],
        "stage one: 4 timesteps": ["stage_one.timesteps=4"],
        "stage one: 1 timestep": ["stage_one.timesteps=1"],
        "stage one: soft reset": ["stage_one.reset=soft"],
        "stage one: leak 0.25": ["stage_one.leak=0.25"],
        "stage one: no leak": ["stage_one.leak=1.0"],
        "stage one: 4-bit weights": ["stage_one.weight_bits=4"],
        "distillation 0.5": ["stage_one.distillation=0.5"],
        "surrogate: rectangular": ["network.surrogate=rectangular"],
        "surrogate: sigmoid": ["network.surrogate=sigmoid"],
        "surrogate width 1": ["network.surrogate_width=1.0"],
        "surrogate width 4": ["network.surrogate_width=4.0"],
        "thresholds fixed": ["network.learn_thresholds=false"],
        "gap 0.5": ["network.threshold_gap=0.5"],
        "gap 1.5": ["network.threshold_gap=1.5"],
        "no shift": ["training.shift=0"],
        "no flip": ["training.flip=false"],
        "cutout 8": ["training.cutout=8"],
        "no recalibration": ["training.recalibrate=false"],
        "2-bit weights": ["network.weight_bits=2"],
        "3-bit weights": ["network.weight_bits=3"],
        "8-bit weights": ["network.weight_bits=8"],
        "peak learning rate 0.01": ["training.learning_rate=0.01"],
        "no label smoothing": ["training.label_smoothing=0.0"],
    },
)
DEEP = "network.spec=48C3-P2-96C3-P2-128C3-128C3-P2-128C3-FC10"
HIGHER_RATE = "training.learning_rate=0.01"
CIFAR_10_NETWORKS = Study(
    ["stage_one=none", "training.held_out=5000", "training.epochs=4"],
    {
        "as shipped": [],
        "as shipped, 0.01": [HIGHER_RATE],
        "as shipped, 0.01, threshold 0.5": [HIGHER_RATE, "network.first_threshold=0.5"],
        "deep": [DEEP],
        "deep, seed 2": [DEEP, "training.seed=2"],
        "deep, surrogate width 0.5": [DEEP, "network.surrogate_width=0.5"],
        "deep, surrogate width 2": [DEEP, "network.surrogate_width=2.0"],
        "deep, rectangular, width 2": [
            *(DEEP, "network.surrogate=rectangular"),
            "network.surrogate_width=2.0",
        ],
        "deep, 0.002": [DEEP, "training.learning_rate=0.002"],
        "deep, 0.01": [DEEP, HIGHER_RATE],
        "deep, 0.02": [DEEP, "training.learning_rate=0.02"],
        "deep, 0.01, sigmoid": [DEEP, HIGHER_RATE, "network.surrogate=sigmoid"],
        "deep, 0.01, gap 0.5": [DEEP, HIGHER_RATE, "network.threshold_gap=0.5"],
        "deep, 0.01, 5 x 5": [DEEP.replace("48C3", "48C5"), HIGHER_RATE],
        "deep, 0.01, threshold 0.5": [DEEP, HIGHER_RATE, "network.first_threshold=0.5"],
        "deep, 0.01, threshold 1": [DEEP, HIGHER_RATE, "network.first_threshold=1.0"],
    },
)
HALF = "network.spec=24C3-P2-48C3-48C3-P2-96C3-P2-FC10"
LONGER = "training.epochs=16"
MUON = "training.optimizer=muon"
LINEAR = "training.schedule=linear"
THRESHOLD = "network.first_threshold=0.5"
EDGES = "training.padding=reflection"
TURNS = "training.flip_order=alternating"
CIFAR_10_PARTS = Study(
    [
        *(HALF, "stage_one=none", "training.precision=float32", "training.kernels=compiled", HIGHER_RATE),
        *("training.train_images=15000", "training.held_out=5000", "training.epochs=8"),
    ],
    {
        "base": [],
        "muon 0.02": [MUON],
        "first threshold 0.5": [THRESHOLD],
        "average 0.995": ["training.average=0.995"],
        "linear": [LINEAR],
        "muon 0.02, linear": [MUON, LINEAR],
        "muon 0.05, linear": [MUON, LINEAR, "training.muon_learning_rate=0.05"],
        "muon 0.01, linear": [MUON, LINEAR, "training.muon_learning_rate=0.01"],
        "reflection": [EDGES],
        "alternating flip": [TURNS],
        "whitening": ["training.whitening=true"],
        "label smoothing 0.1": ["training.label_smoothing=0.1"],
        "label smoothing 0.2": ["training.label_smoothing=0.2"],
        "float weights first": [
            *("stage_one.timesteps=1", "stage_one.weight_bits=0", "stage_one.epochs=4"),
            *("stage_one.learning_rate=0.01", "training.epochs=4"),
        ],
        "surrogate narrows 2 to 0.5": ["network.surrogate_width=2.0", "network.final_surrogate_width=0.5"],
        "shift 4": ["training.shift=4"],
        "5 convolutions": ["network.spec=24C3-P2-40C3-40C3-P2-64C3-64C3-P2-FC10"],
        "6 convolutions": ["network.spec=16C3-16C3-P2-32C3-32C3-P2-64C3-64C3-P2-FC10"],
        "wider, 2-bit weights": [
            "network.spec=32C3-P2-64C3-64C3-P2-128C3-P2-FC10",
            "network.weight_bits=2",
        ],
        "seed 2": ["training.seed=2"],
        "muon 0.02, linear, seed 2": [MUON, LINEAR, "training.seed=2"],
        "muon, linear, threshold, edges, turns": [MUON, LINEAR, THRESHOLD, EDGES, TURNS],
        "the same, average 0.995": [MUON, LINEAR, THRESHOLD, EDGES, TURNS, "training.average=0.995"],
        "the same, whitening": [MUON, LINEAR, THRESHOLD, EDGES, TURNS, "training.whitening=true"],
    },
)
STUDIES = {"fashion-mnist": (FASHION_MNIST,), "cifar-10": (CIFAR_10_PARTS, CIFAR_10_NETWORKS)}
"""Model -> its studies, whose variants have different names."""
