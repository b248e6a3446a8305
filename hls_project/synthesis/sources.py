"""The SystemVerilog files of a generated `rtl/` folder, and which of them a module needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.workspace import stage

FILE_LIST = "files.f"
TOP = "dtscnn_core"
LAYER_PREFIX = "dtscnn_"
KERNEL_SUFFIX = "_kernel"

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_DEFINITION = re.compile(r"^\s*(?:module|package|interface)\s+(?:automatic\s+|static\s+)?(\w+)", re.MULTILINE)
_QUOTED = re.compile(r'"([^"\n]+)"')


@dataclass(frozen=True)
class Sources:
    """The files that `files.f` lists.

    texts: content without comments by file name, in compile order. defines: file name by the module that it defines.
    """

    folder: Path
    texts: dict[str, str]
    defines: dict[str, str]

    @property
    def files(self) -> tuple[str, ...]:
        """All files, in compile order."""
        return tuple(self.texts)

    @property
    def digest(self) -> str:
        """A digest of the whole core, memory files included."""
        return self.key(self.files)

    def layers(self, top: str = TOP) -> tuple[str, ...]:
        """Return the layer modules that `top` instantiates, in the order of the text."""
        words = re.findall(r"\w+", self.texts[self.file_of(top)])
        modules = (
            word
            for word in words
            if word.startswith(LAYER_PREFIX) and word != top and not word.endswith(KERNEL_SUFFIX)
        )
        return tuple(dict.fromkeys(module for module in modules if module in self.defines))

    def file_of(self, module: str) -> str:
        """Return the file that defines `module`.

        Raises:
            ConfigurationError: there is none.
        """
        if module not in self.defines:
            raise ConfigurationError(f"no file of {self.folder / FILE_LIST} defines the module {module}")
        return self.defines[module]

    def needed(self, module: str, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Return the files that `module` needs, in compile order: its own, and those of all modules that they name.

        without: modules that are not followed.
        """
        found, todo = set[str](), [self.file_of(module)]
        while todo:
            file = todo.pop()
            if file not in found:
                found.add(file)
                words = set(re.findall(r"\w+", self.texts[file]))
                todo += [self.defines[word] for word in words & (self.defines.keys() - without)]
        return tuple(file for file in self.files if file in found)

    def kernels(self, files: tuple[str, ...]) -> tuple[str, ...]:
        """Return the kernel modules that `files` define."""
        return tuple(
            module
            for module, file in self.defines.items()
            if file in files and module.endswith(KERNEL_SUFFIX)
        )

    def with_memories(self, files: tuple[str, ...]) -> tuple[str, ...]:
        """Return `files` and the memory files that they read."""
        quoted = {name for file in files for name in _QUOTED.findall(self.texts[file])}
        data = {name for name in quoted if (self.folder / name).is_file()}
        if not data and any("$readmem" in self.texts[file] for file in files):  # a name that is put together
            data = {file.name for file in self.folder.glob("*.mem")}
        return (*files, *sorted(data))

    def key(self, files: tuple[str, ...]) -> str:
        """Return a digest of `files` and of the memory files that they read."""
        return stage.key(*(part for name in self.with_memories(files) for part in (name, self.folder / name)))


def read(rtl: Path) -> Sources:
    """Return the sources of the folder `rtl`.

    Raises:
        ConfigurationError: there is no file list, a listed file is missing, or two define the same module.
    """
    try:
        names = (rtl / FILE_LIST).read_text().split()
    except OSError as error:
        raise ConfigurationError(
            f"{rtl} is no generated rtl folder: {FILE_LIST} cannot be read ({error.strerror})"
        ) from error
    texts, defines = dict[str, str](), dict[str, str]()
    for name in names:
        try:
            texts[name] = _COMMENT.sub(" ", (rtl / name).read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{rtl / FILE_LIST} lists {name}, which cannot be read: {error}"
            ) from error
        for module in _DEFINITION.findall(texts[name]):
            if defines.setdefault(module, name) != name:
                raise ConfigurationError(f"{defines[module]} and {name} both define the module {module}")
    return Sources(rtl, texts, defines)
