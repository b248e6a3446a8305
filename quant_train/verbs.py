"""The verb `evaluate`: right labels on the test images, by onnxruntime or by PyTorch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from dt_scnn import models
from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import CLASSES, DATA, DATASET
from quant_train import data


@dataclass(frozen=True)
class Accuracy:
    """Right labels of the test images of `dataset`. taken: which model it is."""

    taken: str
    dataset: str
    correct: int
    images: int


def accuracy(model: str, dataset: str | None, data_root: Path | None, build: Path = models.BUILD) -> Accuracy:
    """Count the right labels of what `model` means, see `dt_scnn.models.find`, or of a checkpoint.

    Raises:
        ConfigurationError: the model or its data are missing or refused.
    """
    if model.endswith(".ckpt"):
        return _checkpoint_accuracy(Path(model), dataset, data_root)
    from quant_train.evaluate import onnx_scores

    found = models.find(model, build)
    test = _test_images(found.path, dataset, data_root)
    correct = onnx_scores(found.path, test.images).argmax(axis=1) == test.labels
    return Accuracy(str(found), test.name, int(correct.sum()), len(test.images))


def _test_images(path: Path, dataset: str | None, data_root: Path | None) -> data.Dataset:
    """Return the test images of a data set, without a name the model's own, as the model takes them."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(path, load_external_data=False)
    except DecodeError as error:
        raise ConfigurationError(f"{path} is no ONNX file") from error
    properties = {item.key: item.value for item in model.metadata_props}
    name = dataset or properties.get(DATASET)
    if not name:
        raise ConfigurationError(f"{path} does not name its data set; give DATA=path, or --data path")
    if name in data.names():
        return data.load(name, "test", data_root)
    config = data.data_config(properties[DATA], f"{path}: {DATA}") if DATA in properties else None
    try:
        classes = [str(item) for item in json.loads(properties[CLASSES])]
        _, channels, height, width = (
            dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim
        )
    except (KeyError, ValueError, TypeError, RecursionError, IndexError) as error:
        raise ConfigurationError(
            f"{path} does not say its classes ({CLASSES}), or takes no images (1, C, H, W); export it with quant_train.export"
        ) from error
    return data.load(name, "test", data_root, config, classes, (height, width, channels))


def _checkpoint_accuracy(path: Path, dataset: str | None, data_root: Path | None) -> Accuracy:
    from quant_train.batch_norm_folding import fold
    from quant_train.checkpoints import load_checkpoint
    from quant_train.evaluate import count_right

    trained = load_checkpoint(path)
    name = dataset or trained.recipe.dataset
    config = None if name in data.names() else trained.recipe.data
    test = data.load(name, "test", data_root, config, trained.classes, trained.network.input_shape)
    spikes_once = trained.network.timesteps == 1 and trained.recipe.network.neurons == "threshold"
    network = fold(trained.network) if spikes_once else trained.network
    return Accuracy(f"checkpoint: {path}", test.name, count_right(network, test), len(test.images))
