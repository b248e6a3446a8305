"""How data of one's own are read, beyond what they say themselves."""

from __future__ import annotations

from typing import Any, Literal, Optional

from pydantic import ConfigDict, Field, PositiveInt, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from dt_scnn.errors import ConfigurationError


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class DataConfig:
    """What the section `[data]` of a recipe says; a data set that this project knows by name needs none.

    size: (H, W) in pixels that images are cut and scaled to (`board.pictures`); without it, that of the images, which all must
    have. channels: 1 for grey, 3 for RGB; without it, what all images are. test_share: of the images of each class, where no
    folder or array is named for the test. seed: of that choice, and of the order of the images.
    """

    size: Optional[tuple[PositiveInt, PositiveInt]] = None
    channels: Optional[Literal[1, 3]] = None
    test_share: float = Field(default=0.2, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)


def data_config(content: Any, source: str) -> DataConfig:
    """Return the configuration in a dictionary or in JSON text.

    Raises:
        ConfigurationError: an unknown key or a bad value in `source`; the message names it.
    """
    adapter = TypeAdapter(DataConfig)
    try:
        return (
            adapter.validate_json(content) if isinstance(content, str) else adapter.validate_python(content)
        )
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigurationError(f"{source}: " + "; ".join(problems)) from error


def data_json(config: DataConfig) -> str:
    """Return the configuration as JSON text."""
    return TypeAdapter(DataConfig).dump_json(config, exclude_none=True).decode()
