"""The 8 x 8 digits that come with scikit-learn: small enough to train on in seconds, and always there."""

from __future__ import annotations

import numpy as np

from dt_scnn.errors import ConfigurationError
from quant_train.data.dataset import Dataset, Split

# The images are in the order of their writers: the last fifth tests on hands that training has hardly seen.
_TRAINING_IMAGES = 1437


def load(split: Split) -> Dataset:
    """Return a split of the 1,797 images; their 17 grey levels are spread over 0 to 255.

    Raises:
        ConfigurationError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ConfigurationError(
            "digits: come with scikit-learn; install it: pip install scikit-learn"
        ) from error
    pixels, labels = load_digits(return_X_y=True)
    part = slice(_TRAINING_IMAGES) if split == "train" else slice(_TRAINING_IMAGES, None)
    images = np.rint(pixels[part].reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
    return Dataset(
        images, labels[part].astype(np.int64), tuple("0123456789"), "digits", "scikit-learn digits"
    )
