"""Damage to a file: of its bytes, and, where a format hides them behind checksums or a grammar, of what it holds."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

Mutation = Callable[[bytes, Random], bytes]

_NUMBERS = (
    0,
    1,
    -1,
    2,
    3,
    7,
    8,
    63,
    64,
    127,
    128,
    255,
    256,
    32767,
    65535,
    65536,
    2**31 - 1,
    2**31,
    2**32,
    2**40,
    2**63 - 1,
)
_TEXTS = (
    "",
    "0",
    "-1",
    "nan",
    "inf",
    "1e400",
    "..",
    "/",
    "../x",
    "a\0b",
    "\ud800",
    "x" * 300,
    "[" * 300,
    "ä",
    "0x",
    "%s",
    "None",
)
_BYTES = (
    b"\0",
    b"\xff",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"\x93NUMPY",
    b"PK\3\4",
    b"\r\n",
    b'"',
)
_DEEP = 100_000


def any_bytes(data: bytes, rng: Random) -> bytes:
    """Change, remove, repeat or insert a few bytes."""
    content = bytearray(data)
    for _ in range(1 << rng.randrange(3)):
        at = rng.randrange(len(content) + 1)
        length = min(len(content) - at, 1 << rng.randrange(6))
        match rng.randrange(6):
            case 0 if at < len(content):
                content[at] ^= 1 << rng.randrange(8)
            case 1:
                del content[at : at + length]
            case 2:
                content[at:at] = content[at : at + length]
            case 3:
                content[at : at + rng.randrange(5)] = rng.choice(_BYTES)
            case 4:
                del content[at:]
            case _:
                other = rng.randrange(len(content) + 1)
                content[at : at + length] = content[other : other + length]
    return bytes(content)


def text(data: bytes, rng: Random) -> bytes:
    """Change numbers, words and lines of a text, or its bytes."""
    if rng.random() < 0.3:
        return any_bytes(data, rng)
    words = re.split(r"(\w+)", data.decode(errors="surrogateescape"))
    lines = "".join(words).splitlines(keepends=True)
    at = rng.randrange(max(1, len(words)))
    match rng.randrange(6):
        case 0:
            places = [place for place, word in enumerate(words) if word.isdecimal()] or [at]
            words[rng.choice(places)] = str(rng.choice((*_NUMBERS, 10**400, "nan", "inf", "1e999", "٣", "²")))
        case 1:
            words[at : at + 1 + rng.randrange(3)] = [str(rng.choice(_TEXTS))]
        case 2:
            words[at] = rng.choice(words)
        case 3 if lines:
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            words = lines
        case 4 if lines:
            del lines[rng.randrange(len(lines))]
            words = lines
        case _:
            words[at:at] = [rng.choice(words[max(0, at - 1) : at + 2] or [""]) * (1 << rng.randrange(12))]
    return "".join(words).encode(errors="surrogatepass")


def json_text(data: bytes, rng: Random) -> bytes:
    """Change a value, a key or the shape of a JSON text, or its bytes."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return any_bytes(data, rng)
    if rng.random() < 0.2:
        return text(data, rng)
    if rng.random() < 0.01:
        return b"[" * _DEEP + b"]" * _DEEP
    root = [content]
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [root]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        places += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys if isinstance(holder[key], dict | list)]
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[rng.choice(_TEXTS)] = holder.pop(key)
        case 2:
            other, place = rng.choice(places)
            holder[key] = json.loads(json.dumps(other[place]))
        case 3 if isinstance(holder[key], list):
            holder[key] = holder[key] * rng.choice((0, 2, 20))
        case _:
            holder[key] = rng.choice(
                (
                    *_NUMBERS,
                    *_TEXTS,
                    0.5,
                    -2.5,
                    1e300,
                    float("inf"),
                    float("nan"),
                    10**30,
                    None,
                    True,
                    [],
                    {},
                    [[]],
                    {"a": 1},
                )
            )
    return json.dumps(root[0]).encode(errors="surrogatepass")


def archive(data: bytes, rng: Random) -> bytes:
    """Change a member of a zip archive, with the checksum that fits, or the archive's bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            members = {name: file.read(name) for name in file.namelist()}
    except Exception:  # of an archive that was damaged before
        return any_bytes(data, rng)
    if rng.random() < 0.2 or not members:
        return any_bytes(data, rng)
    name = rng.choice(sorted(members))
    match rng.randrange(8):
        case 0:
            del members[name]
        case 1:
            members[rng.choice((name + "x", "labels.npy", "images.npy", "../x.npy", "x"))] = members.pop(name)
        case 2:
            members[name] = members[rng.choice(sorted(members))]
        case 3 | 4:
            members[name] = array_header(members[name], rng)
        case 5:
            members[name] = any_bytes(members[name][:200], rng) + members[name][200:]
        case _:
            members[name] = any_bytes(members[name], rng)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as file:
        for member, content in members.items():
            file.writestr(member, content)
    return changed.getvalue()


def array_header(data: bytes, rng: Random) -> bytes:
    """Change type or shape of an `.npy` array."""
    if data[:6] != b"\x93NUMPY" or len(data) < 10:
        return any_bytes(data, rng)
    end = 10 + struct.unpack("<H", data[8:10])[0]
    kinds = (
        "|u1",
        "<i8",
        "<f4",
        "<f8",
        "|O",
        "<U3",
        "|S4",
        "<c16",
        "<M8[s]",
        "|b1",
        "V3",
        "<f2",
        "|i1",
        ">u2",
        "<U0",
        "|S0",
    )
    header = data[10:end].decode("latin1")
    if rng.random() < 0.5:
        header = re.sub(r"'descr': '[^']*'", f"'descr': '{rng.choice(kinds)}'", header)
    else:
        shape = tuple(rng.choice((*_NUMBERS, 3, 5, 8)) for _ in range(rng.randrange(6)))
        header = re.sub(r"'shape': \([^)]*\)", f"'shape': {shape}", header)
    header = header.rstrip() + "\n"
    return data[:8] + struct.pack("<H", len(header)) + header.encode("latin1") + data[end:]


def png(data: bytes, rng: Random) -> bytes:
    """Change a chunk of a PNG picture, with the checksum that fits, or the picture's bytes."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or rng.random() < 0.3:
        return any_bytes(data, rng)
    chunks, at = [], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append([data[at + 4 : at + 8], data[at + 8 : at + 8 + length]])
        at += 12 + length
    if not chunks:
        return any_bytes(data, rng)
    chunk = rng.choice(chunks)
    if rng.random() < 0.2:
        chunk[0] = rng.choice((b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"eXIf", b"zTXt", b"iCCP", b"IEND"))
    chunk[1] = any_bytes(chunk[1], rng)
    return data[:8] + b"".join(
        len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
        for kind, content in chunks
    )


def gzipped(data: bytes, rng: Random) -> bytes:
    """Change what is compressed, or the bytes of it."""
    import gzip

    try:
        inside = gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return any_bytes(data, rng)
    return any_bytes(data, rng) if rng.random() < 0.3 else gzip.compress(any_bytes(inside, rng), mtime=0)
