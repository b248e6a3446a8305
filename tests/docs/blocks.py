"""The code blocks of the documentation: which of them are run, and why another is not.

A block of language `sh` or `python` is run, unless the line before it says `<!-- not run: REASON -->`. Behind
`<!-- slow: REASON -->` it, and what follows on its page, is run by the slow tests alone. Other blocks are no commands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

RUN, SHOWN = ("sh", "python"), ("text", "toml", "json")
_REMARK = re.compile(r"<!-- (not run|slow)(?:: (.+))? -->\s*")


@dataclass(frozen=True)
class Block:
    """line: of its first line of code, from 1. remark: "not run", "slow" or "", with its reason."""

    line: int
    language: str
    code: str
    remark: str = ""
    reason: str = ""


def blocks(page: Path) -> list[Block]:
    """Return all code blocks of a page, in order.

    Raises:
        ValueError: a remark has no block behind it.
    """
    tokens = MarkdownIt("commonmark").parse(page.read_text())
    found, remark = [], None
    for token in tokens:
        if token.type in ("fence", "code_block"):
            assert token.map is not None  # of every block
            said = (remark[1], remark[2] or "") if remark else ("", "")
            found.append(Block(token.map[0] + 2, token.info, token.content, *said))
            remark = None
        elif remark is not None:
            raise ValueError(f"{page}: no block behind {remark[0].strip()!r}")
        elif token.type == "html_block":
            remark = _REMARK.fullmatch(token.content)
    return found


def to_run(page: Path, slow: bool) -> list[Block]:
    """Return the blocks that are run, in order; without `slow`, those before the first slow one."""
    run = []
    for block in blocks(page):
        if block.remark == "slow" and not slow:
            break
        if block.language in RUN and block.remark != "not run":
            run.append(block)
    return run
