"""What this project's docstrings say of parameters and fields: `name: text.` or `first, second (unit): text.`, in a row.

The site shows them as lists: `Fields` is an extension of griffe, which reads docstrings for it (`mkdocs.yml`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from griffe import Class, Docstring, Extension, Function


def split(text: str, names: Collection[str]) -> tuple[str, dict[str, str]]:
    """Return a paragraph without what it says of `names`, and that, by name."""
    one = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    text = " ".join(text.split())
    pattern = rf"(?:^|(?<=\. ))((?:{one})(?:, (?:{one}))*)(?: \(([^)]*)\))?: "
    heads = list(re.finditer(pattern, text)) if names else []
    found: dict[str, str] = {}
    for head, following in zip(heads, [*heads[1:], None], strict=False):
        said = text[head.end() : following.start() if following else None].strip()
        said = said if said.endswith("...") else said.removesuffix(".")
        found |= dict.fromkeys(head[1].split(", "), f"{said} ({head[2]})" if head[2] else said)
    return text[: heads[0].start()].strip() if heads else text, found


def listed(text: str, names: Collection[str], title: str) -> str:
    """Return a docstring with what it says of `names` as a section of Google's style."""
    kept, found = [], {}
    for paragraph in text.split("\n\n"):
        rest, said = split(paragraph, names)
        found |= said
        kept += [rest] if said and rest else [] if said else [paragraph]
    if not found:
        return text
    section = "\n".join([f"{title}:", *(f"    {name}: {said}." for name, said in found.items())])
    at = next((index for index, part in enumerate(kept) if re.match(r"\w+:\n", part)), len(kept))
    return "\n\n".join([*kept[:at], section, *kept[at:]])


class Fields(Extension):
    """Make lists of what docstrings say of parameters and fields."""

    def on_function(self, *, func: Function, **_: Any) -> None:
        """Rewrite a function's."""
        self._rewrite(func.docstring, [parameter.name for parameter in func.parameters], "Args")

    def on_class(self, *, cls: Class, **_: Any) -> None:
        """Rewrite a class's: parameters of its constructor, or fields where it has none."""
        made = cls.members.get("__init__")
        if isinstance(made, Function):
            self._rewrite(cls.docstring, [parameter.name for parameter in made.parameters], "Args")
        else:
            fields = [name for name, member in cls.members.items() if member.is_attribute]
            self._rewrite(cls.docstring, fields, "Attributes")

    def _rewrite(self, docstring: Docstring | None, names: Collection[str], title: str) -> None:
        if docstring is not None:
            docstring.value = listed(docstring.value, names, title)
