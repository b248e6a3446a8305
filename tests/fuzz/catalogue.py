"""All harnesses."""

from __future__ import annotations

from tests.fuzz import data_files, model_files, overlay_files, tool_files
from tests.fuzz.reader import Reader

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (*model_files.READERS, *data_files.READERS, *overlay_files.READERS, *tool_files.READERS)
}
