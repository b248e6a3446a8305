"""What the ablations vary: overrides of a model's recipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dt_scnn import zoo

KEPT = Path(__file__).parent / "ablations"
"""Results that are kept, and recipes of before from which a search began."""


@dataclass(frozen=True)
class Study:
    """Where a search began and how short its trainings are, and what was changed: overrides of a recipe.

    recipe: in `ablations`, for one that the model has no longer; without it, the model's own.
    """

    base: list[str]
    variants: dict[str, list[str]]
    recipe: str = ""

    def recipe_of(self, model: str) -> Path:
        """Return the path of the recipe."""
        return KEPT / self.recipe if self.recipe else zoo.find(model).recipe


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
    "cifar-10/recipe.toml",
)
HALF = "network.spec=24C3-P2-48C3-48C3-P2-96C3-P2-FC10"
MUON = "training.optimizer=muon"
LINEAR = "training.schedule=linear"
THRESHOLD = "network.first_threshold=0.5"
EDGES = "training.padding=reflection"
TURNS = "training.flip_order=alternating"
FLOAT_FIRST = [
    *("stage_one.timesteps=1", "stage_one.weight_bits=0", "stage_one.epochs=4"),
    *("stage_one.learning_rate=0.01", "training.epochs=4"),
]
NARROWS = ["network.surrogate_width=2.0", "network.final_surrogate_width=0.5"]
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
        "float weights first": FLOAT_FIRST,
        "surrogate narrows 2 to 0.5": NARROWS,
        "shift 4": ["training.shift=4"],
        "5 convolutions": ["network.spec=24C3-P2-40C3-40C3-P2-64C3-64C3-P2-FC10"],
        "6 convolutions": ["network.spec=16C3-16C3-P2-32C3-32C3-P2-64C3-64C3-P2-FC10"],
        "wider, 2-bit weights": [
            "network.spec=32C3-P2-64C3-64C3-P2-128C3-P2-FC10",
            "network.weight_bits=2",
        ],
        "seed 2": ["training.seed=2"],
        "muon 0.02, linear, seed 2": [MUON, LINEAR, "training.seed=2"],
        "linear, seed 2": [LINEAR, "training.seed=2"],
        "average 0.995, seed 2": ["training.average=0.995", "training.seed=2"],
        "reflection, seed 2": [EDGES, "training.seed=2"],
        "alternating flip, seed 2": [TURNS, "training.seed=2"],
        "label smoothing 0.2, seed 2": ["training.label_smoothing=0.2", "training.seed=2"],
        "float weights first, seed 2": [*FLOAT_FIRST, "training.seed=2"],
        "surrogate narrows, seed 2": [*NARROWS, "training.seed=2"],
        "muon, linear, threshold, edges, turns": [MUON, LINEAR, THRESHOLD, EDGES, TURNS],
        "the same, average 0.995": [MUON, LINEAR, THRESHOLD, EDGES, TURNS, "training.average=0.995"],
        "the same, whitening": [MUON, LINEAR, THRESHOLD, EDGES, TURNS, "training.whitening=true"],
    },
    "cifar-10/recipe.toml",
)
TEACHER = "teacher.checkpoint=work/search-teacher/checkpoints/last.ckpt"
CIFAR_10_ON_GPU = Study(
    [
        *("network.spec=40C3-P2-80C3-80C3-P2-128C3-128C3-P2-FC10", "stage_one=none", THRESHOLD, MUON, LINEAR),
        *(HIGHER_RATE, EDGES, TURNS, "training.label_smoothing=0.1", "training.average=0.998"),
        *("training.batch_size=256", "training.precision=bfloat16", "training.kernels=compiled"),
        *("training.held_out=5000", "training.epochs=40"),
    ],
    {
        "all parts": [],
        "all parts, seed 2": ["training.seed=2"],
        "muon 0.05": ["training.muon_learning_rate=0.05"],
        "width 0.5": ["network.surrogate_width=0.5"],
        "adamw": ["training.optimizer=adamw"],
    },
    "cifar-10/recipe.toml",
)
CIFAR_10_ADAMW = Study(
    [value for value in CIFAR_10_ON_GPU.base if value != MUON],
    {
        "adamw, all parts": [],
        "adamw, seed 2": ["training.seed=2"],
        "0.02": ["training.learning_rate=0.02"],
        "0.005": ["training.learning_rate=0.005"],
        "threshold 0": ["network.first_threshold=0.0"],
        "no average": ["training.average=0.0"],
        "cutout of 8": ["training.cutout=8"],
        "shift of 4": ["training.shift=4"],
        "batch of 128": ["training.batch_size=128"],
        "weight decay 0.05": ["training.weight_decay=0.05"],
        "cosines": ["training.schedule=one-cycle"],
        "whitened": ["training.whitening=true"],
        "width of 2": ["network.surrogate_width=2.0"],
        "6 convolutions, 613 k": ["network.spec=32C3-32C3-P2-64C3-64C3-P2-128C3-128C3-P2-FC10"],
        "2-bit, 1.39 M": [
            *("network.spec=56C3-P2-112C3-112C3-P2-184C3-184C3-P2-FC10", "network.weight_bits=2"),
        ],
        "teacher 0.5": [TEACHER],
        "teacher 0.9": [TEACHER, "teacher.share=0.9"],
        "teacher 0.9 at 2": [TEACHER, "teacher.share=0.9", "teacher.temperature=2.0"],
        "teacher 0.9 at 4": [TEACHER, "teacher.share=0.9", "teacher.temperature=4.0"],
    },
    "cifar-10/recipe.toml",
)
CUTOUT, CUTMIX = "training.cutout=8", "training.cutmix"
A_TEACHER = [TEACHER, "teacher.share=0.9"]
CIFAR_10_TAUGHT = Study(
    [
        *CIFAR_10_ADAMW.base,
        *("network.surrogate_width=1.0", "training.shift=4", "training.recalibrate_augmented=true"),
        "training.epochs=100",
    ],
    {
        "100 epochs, shift of 4, cutout": [CUTOUT],
        "cutmix of half the images": [f"{CUTMIX}=0.5"],
        "taught at 2": [CUTOUT, *A_TEACHER, "teacher.temperature=2.0"],
        "taught at 4": [CUTOUT, *A_TEACHER, "teacher.temperature=4.0"],
        "taught alone at 2, cutmix": [
            *(f"{CUTMIX}=1.0", TEACHER, "teacher.share=1.0", "teacher.temperature=2.0"),
        ],
    },
    "cifar-10/recipe.toml",
)
CIFAR_10_ACCURATE = Study(
    [*CIFAR_10_TAUGHT.base[:-1], "training.epochs=50", CUTOUT],
    {
        "1,066 k": ["network.spec=64C3-P2-112C3-112C3-P2-144C3-144C3-P2-FC10"],
        "6 convolutions, 960 k": ["network.spec=48C3-48C3-P2-96C3-96C3-P2-144C3-144C3-P2-FC10"],
        "6 convolutions, 1,140 k": ["network.spec=64C3-64C3-P2-112C3-112C3-P2-144C3-144C3-P2-FC10"],
        "6 convolutions, 2-bit, 1,685 k": [
            *("network.spec=64C3-64C3-P2-128C3-128C3-P2-192C3-192C3-P2-FC10", "network.weight_bits=2"),
        ],
    },
    "cifar-10/recipe.toml",
)
NO_SMOOTHING, NARROW = "training.label_smoothing=0.0", "network.surrogate_width=0.5"
ZOOMED = ["training.rotation=10", "training.zoom=0.1"]
MNIST_TEACHER = ["teacher.recipe=tests/benchmarks/ablations/mnist/teacher.toml", "teacher.share=0.9"]
MNIST_SMALL = Study(
    [
        *("network.spec=8C3-P2-16C3-P2-FC10", "training.held_out=10000", "training.channels_last=true"),
        *("training.kernels=compiled", "training.epochs=20", LINEAR, "training.average=0.998"),
        *("training.recalibrate=true", THRESHOLD, "network.surrogate_width=1.0", "training.seed=1"),
    ],
    {
        "20 epochs": [],
        "batches of 64": ["training.batch_size=64"],
        "batches of 32": ["training.batch_size=32"],
        "rate of 0.02": ["training.learning_rate=0.02"],
        "no shift": ["training.shift=0"],
        "no smoothing": [NO_SMOOTHING],
        "no smoothing, seed 2": ["training.seed=2", NO_SMOOTHING],
        "no smoothing, width of 0.5": [NARROW, NO_SMOOTHING],
        "no smoothing, muon": [MUON, NO_SMOOTHING],
        "no smoothing, rate of 0.005": ["training.learning_rate=0.005", NO_SMOOTHING],
        "no smoothing, threshold 1": ["network.first_threshold=1.0", NO_SMOOTHING],
        "no smoothing, gap of 0.5": ["network.threshold_gap=0.5", NO_SMOOTHING],
        "no smoothing, gap of 1.5": ["network.threshold_gap=1.5", NO_SMOOTHING],
        "no smoothing, rectangular": ["network.surrogate=rectangular", NO_SMOOTHING],
        "no smoothing, 8-bit weights": ["network.weight_bits=8", NO_SMOOTHING],
        "no smoothing, first of 5 x 5": ["network.spec=8C5-P2-16C3-P2-FC10", NO_SMOOTHING],
        "no smoothing, both of 5 x 5": ["network.spec=8C5-P2-16C5-P2-FC10", NO_SMOOTHING],
        "width of 0.5, turned by 5": [NO_SMOOTHING, NARROW, "training.rotation=5"],
        "width of 0.5, turned, zoomed": [NO_SMOOTHING, NARROW, *ZOOMED],
        "width of 0.5, turned by 15, zoomed, no shift": [
            *(NO_SMOOTHING, NARROW, "training.rotation=15", "training.zoom=0.1", "training.shift=0"),
        ],
        "no smoothing, 60 epochs": ["training.epochs=60", NO_SMOOTHING],
        "60 epochs, width of 0.5": ["training.epochs=60", NO_SMOOTHING, NARROW],
        "60 epochs, width of 0.5, turned, zoomed": ["training.epochs=60", NO_SMOOTHING, NARROW, *ZOOMED],
        "40 epochs, turned, zoomed": ["training.epochs=40", NO_SMOOTHING, *ZOOMED],
        "40 epochs, turned, zoomed, rate of 0.02": [
            *("training.epochs=40", NO_SMOOTHING, *ZOOMED, "training.learning_rate=0.02"),
        ],
        "12, 12 and 24 maps": [NO_SMOOTHING, "network.spec=6C3-6C3-P2-12C3-P2-FC10"],
        "8, 8 and 32 maps": [NO_SMOOTHING, "network.spec=4C3-4C3-P2-16C3-P2-FC10"],
        "three of 16 maps": [NO_SMOOTHING, "network.spec=8C3-P2-8C3-8C3-P2-FC10"],
        "8 maps, 32 of 5 x 5": [NO_SMOOTHING, "network.spec=4C3-P2-16C5-P2-FC10"],
        "hidden dense layer": [NO_SMOOTHING, "network.spec=8C3-P2-16C3-P2-FC32-FC10"],
        "taught at 2": [NO_SMOOTHING, *MNIST_TEACHER, "teacher.temperature=2.0"],
        "taught at 4": [NO_SMOOTHING, *MNIST_TEACHER, "teacher.temperature=4.0"],
    },
    "mnist/recipe.toml",
)
STUDIES = {
    "mnist": (MNIST_SMALL,),
    "fashion-mnist": (FASHION_MNIST,),
    "cifar-10": (
        *(CIFAR_10_PARTS, CIFAR_10_ON_GPU, CIFAR_10_ADAMW, CIFAR_10_TAUGHT, CIFAR_10_ACCURATE),
        CIFAR_10_NETWORKS,
    ),
}
"""Model -> its studies, whose variants have different names."""
