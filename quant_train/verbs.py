"""The verb `evaluate`: right labels on the test images, by onnxruntime or by PyTorch."""

from __future__ import annotations

from pathlib import Path

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import DATASET
from quant_train import data


def accuracy(model: str, dataset: str | None, data_root: Path | None) -> tuple[str, int, int]:
    """Return the data set's name, the right labels and the test images of a zoo model, QONNX file or checkpoint.

    Raises:
        ConfigurationError: the model or its data are missing or refused.
    """
    if model.endswith(".ckpt"):
        return _checkpoint_accuracy(Path(model), dataset, data_root)
    from quant_train.evaluate import onnx_scores

    path = Path(model) if model.endswith(".onnx") else zoo.find(model).model
    if not path.is_file():
        raise ConfigurationError(f"{model}: there is no file {path}")
    test = data.load(dataset or _dataset_of(path), "test", data_root)
    correct = onnx_scores(path, test.images).argmax(axis=1) == test.labels
    return test.name, int(correct.sum()), len(test.images)


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


def _checkpoint_accuracy(path: Path, dataset: str | None, data_root: Path | None) -> tuple[str, int, int]:
    import torch

    from quant_train.batch_norm_folding import fold
    from quant_train.training import EVALUATION_BATCH, load_checkpoint, to_tensor

    trained = load_checkpoint(path)
    test = data.load(dataset or trained.recipe.dataset, "test", data_root)
    network = fold(trained.network) if trained.network.timesteps == 1 else trained.network
    images = to_tensor(test.images)
    with torch.inference_mode():
        labels = torch.cat([network(part.float() / 256).argmax(1) for part in images.split(EVALUATION_BATCH)])
    return test.name, int((labels.numpy() == test.labels).sum()), len(test.images)
