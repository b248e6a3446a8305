"""What the shell and its stand-in core must answer: written from the contract, not from the SystemVerilog."""

from __future__ import annotations

from dataclasses import dataclass, field

MASK = 0xFFFFFFFF
BAD_LABEL = 0xFFFFFFFF


@dataclass(frozen=True)
class Shape:
    """One build of the shell. All sizes are counts; bus in bits."""

    bus: int
    height: int
    width: int
    channels: int
    classes: int
    build_id: int
    pixels_a_beat: int = 1

    @property
    def word_bytes(self) -> int:
        return self.bus // 8

    @property
    def pixels(self) -> int:
        return self.height * self.width

    @property
    def row_beats(self) -> int:
        """Beats of a row inside the shell."""
        return -(-self.width // self.pixels_a_beat)

    @property
    def beats(self) -> int:
        """Beats of a frame inside the shell."""
        return self.height * self.row_beats

    @property
    def last_beat_bytes(self) -> int:
        """Bytes of a frame's last beat."""
        return (self.width - (self.row_beats - 1) * self.pixels_a_beat) * self.channels

    def bytes_of(self, beats: int) -> int:
        """Return the bytes of a frame's first beats."""
        rows, rest = divmod(beats, self.row_beats)
        return (rows * self.width + min(rest * self.pixels_a_beat, self.width)) * self.channels

    @property
    def early_beats(self) -> int:
        """Beats that a core must leave out to be done before a frame's last word."""
        before = (self.frame_words - 1) * self.word_bytes
        return next(left for left in range(1, self.beats) if self.bytes_of(self.beats - left) <= before)

    @property
    def frame_bytes(self) -> int:
        return self.pixels * self.channels

    @property
    def frame_words(self) -> int:
        return -(-self.frame_bytes // self.word_bytes)

    @property
    def result_words(self) -> int:
        return self.classes + 1

    def pad(self, frame: bytes, filler: int = 0xA5) -> bytes:
        """Return a frame with padding bytes that are not zero, for they must not matter."""
        return frame + bytes([filler]) * (self.frame_words * self.word_bytes - len(frame))


@dataclass
class Packet:
    """One input packet: bytes, and a TKEEP bit for each."""

    data: bytes
    keep: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keep = self.keep or [1] * len(self.data)


@dataclass
class Expected:
    """What a run of packets must leave behind. packets: result words; starts: index of each frame's first word."""

    packets: list[list[int]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    errors: int = 0
    bad: int = 0
    words: int = 0

    @property
    def frames(self) -> int:
        return len(self.starts)


def core_result(shape: Shape, frame: bytes, early: bool = False) -> list[int]:
    """Return the stand-in core's result words. early: those that it knows before a frame's last word."""
    used = frame[: shape.bytes_of(shape.beats - shape.early_beats)] if early else frame
    scores = [
        sum((v + 1) * ((p + 1) * 2654435761 + (k + 1) * (p + 3) * 40503) for p, v in enumerate(used)) & MASK
        for k in range(shape.classes)
    ]
    signed = [score - (1 << 32) if score >> 31 else score for score in scores]
    return [*scores, signed.index(max(signed))]


def expect(shape: Shape, packets: list[Packet], early: bool = False) -> Expected:
    """Return what the shell must deliver for these packets after a reset."""
    expected = Expected()
    size = shape.word_bytes
    for packet in packets:
        length = len(packet.data)
        absent = -length % size
        data = packet.data + bytes(absent)
        keep = packet.keep + [0] * absent
        results: list[int] = []
        for start in range(0, len(data), shape.frame_words * size):
            part = data[start : start + shape.frame_words * size]
            kept = keep[start : start + shape.frame_words * size][: shape.frame_bytes]
            ended = len(part) < shape.frame_words * size
            missing = not all(kept)
            expected.starts.append(expected.words)
            expected.words += len(part) // size
            expected.errors |= ended | missing << 1
            expected.bad += ended or missing
            if ended or missing:
                results += [0] * shape.classes + [BAD_LABEL]
            else:
                results += core_result(shape, part[: shape.frame_bytes], early)
        expected.packets.append(results)
    return expected
