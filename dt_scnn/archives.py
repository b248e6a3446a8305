"""Reading `.npz` archives that somebody else may have written: no pickles, and nothing beyond what the file can hold."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError, first_line

MOST_BYTES = 4 << 30
"""Arrays are held in memory: so many bytes at most."""

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_LAST_CHARACTER = 0x10FFFF


class Archive:
    """The arrays of an archive by name, each read when it is asked for."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self._path, self._file = path, file
        self._members = {member.filename.removesuffix(".npy"): member for member in file.infolist()}

    @property
    def names(self) -> list[str]:
        """Return the names of all arrays."""
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Read an array.

        Raises:
            ConfigurationError: it is not there, is damaged, holds pickled objects, or says to be more than it holds.
        """
        if name not in self._members:
            raise ConfigurationError(
                f"{self._path}: has no array {name!r}; it holds {', '.join(self._members) or 'none'}"
            )
        member = self._members[name]
        try:
            with self._file.open(member) as file:
                fault = _fault(file, member.file_size)
            if fault:
                raise ConfigurationError(f"{self._path}: {name} {fault}")
            with self._file.open(member) as file:
                array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        except (ConfigurationError, MemoryError):
            raise
        except Exception as error:  # a damaged array can raise nearly anything
            raise _damaged(self._path, error) from error
        if array.dtype.kind == "U" and _beyond_unicode(array):
            raise ConfigurationError(f"{self._path}: {name} holds text that is no Unicode; it is damaged")
        return array

    def get(self, name: str) -> NDArray[Any] | None:
        """Read an array, None if it is not there."""
        return self[name] if name in self._members else None


@contextmanager
def opened(path: Path, most: int = MOST_BYTES) -> Iterator[Archive]:
    """Open an archive. most: bytes of all its arrays together.

    Raises:
        ConfigurationError: it is missing, damaged, no archive, or holds more.
    """
    try:
        file = zipfile.ZipFile(path)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror or error})") from error
    except Exception as error:  # a damaged directory can raise nearly anything
        raise _damaged(path, error) from error
    with file:
        unpacked = sum(member.file_size for member in file.infolist())
        if unpacked > most:
            raise ConfigurationError(
                f"{path}: holds {unpacked / 2**30:,.1f} GiB unpacked, more than the {most >> 30} GiB that are held in memory"
            )
        yield Archive(path, file)


def _fault(file: IO[bytes], size: int) -> str:
    """Return what is wrong with the header of an array in `size` bytes, "" if nothing is."""
    version = npy.read_magic(file)
    if version not in _HEADERS:
        return f"is of version {version} of numpy's format, which is not read"
    shape, _, dtype = _HEADERS[version](file)
    if dtype.hasobject:
        return (
            "holds pickled objects, which are never loaded, as they can run code; save images as one array of uint8 and labels as "
            "one of numbers or of strings (dtype=str)"
        )
    count = prod(shape)
    if min(shape, default=0) < 0 or not dtype.itemsize or count * dtype.itemsize > size - file.tell():
        return (
            f"is cut off: its header says {dtype} {shape}, and there are {max(0, size - file.tell()):,} bytes"
        )
    return ""


def _beyond_unicode(array: NDArray[Any]) -> bool:
    codes = np.ascontiguousarray(array).reshape(-1).view(np.dtype(f"{array.dtype.byteorder}u4"))
    return bool(codes.size and codes.max() > _LAST_CHARACTER)


def _damaged(path: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"{path}: damaged, or no .npz archive ({first_line(error)})")
