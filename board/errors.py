"""What can go wrong on the board."""

from __future__ import annotations


class BoardError(Exception):
    """Something about the board, its bitstream or a call is wrong; the message says what, and what to do."""


class BuildMismatchError(BoardError):
    """The programmable logic, the manifest and the files beside it do not belong together."""


class StalledError(BoardError):
    """A transfer did not end in time. The driver was reset and can be used again."""


class TransferError(BoardError):
    """The DMA reported an error, or delivered less than was asked for. The driver was reset and can be used again."""


class FrameError(BoardError):
    """The hardware flagged a frame as bad: no scores came of it."""
