"""The verb `evaluate`: right labels on the test images, by onnxruntime or by PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dt_scnn import models
from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import DATASET
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
    test = data.load(dataset or _dataset_of(found.path), "test", data_root)
    correct = onnx_scores(found.path, test.images).argmax(axis=1) == test.labels
    return Accuracy(str(found), test.name, int(correct.sum()), len(test.images))


def _dataset_of(path: Path) -> str:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(path, load_external_data=False)
    except DecodeError as error:
        raise ConfigurationError(f"{path} is no ONNX file") from error
    for property_ in model.metadata_props:
        if property_.key == DATASET:
            return str(property_.value)
    raise ConfigurationError(f"{path} does not name its data set; give --dataset")


def _checkpoint_accuracy(path: Path, dataset: str | None, data_root: Path | None) -> Accuracy:
    import torch

    from quant_train.batch_norm_folding import fold
    from quant_train.training import EVALUATION_BATCH, load_checkpoint, to_tensor

    trained = load_checkpoint(path)
    test = data.load(dataset or trained.recipe.dataset, "test", data_root)
    network = fold(trained.network) if trained.network.timesteps == 1 else trained.network
    images = to_tensor(test.images)
    with torch.inference_mode():
        labels = torch.cat([network(part.float() / 256).argmax(1) for part in images.split(EVALUATION_BATCH)])
    correct = int((labels.numpy() == test.labels).sum())
    return Accuracy(f"checkpoint: {path}", test.name, correct, len(test.images))
