"""Damage to a protobuf message by its fields, so that it stays one: what an ONNX file says changes, not its encoding."""

from __future__ import annotations

from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto

from tests.fuzz.mutations import any_bytes

_INTEGERS = (0, 1, -1, 2, 3, 4, 5, 7, 13, 16, 20, 99, 127, 255, 1000, 2**20, 2**31 - 1, 2**40, 2**62)
_FLOATS = (0.0, -0.0, 0.5, 1.0, -1.0, 0.3, 1e-45, 1e38, 2.0**-70, float("inf"), float("nan"))
_REPEATED = FieldDescriptor.LABEL_REPEATED


def onnx_model(data: bytes, rng: Random) -> bytes:
    """Change a few fields of an ONNX model, or its bytes."""
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError:
        return any_bytes(data, rng)
    if rng.random() < 0.1:
        return any_bytes(data, rng)
    for _ in range(1 + rng.randrange(3)):
        places = _places(model)
        if not places:
            return data
        message, field = rng.choice(places)
        strings = [getattr(m, f.name) for m, f in places if f.type == f.TYPE_STRING and f.label != _REPEATED]
        strings += [
            name
            for m, f in places
            if f.type == f.TYPE_STRING and f.label == _REPEATED
            for name in getattr(m, f.name)
        ]
        try:
            _change(message, field, [other for other, _ in places], strings, rng)
        except (ValueError, TypeError):  # beyond what the field can hold
            continue
    return model.SerializeToString()


def _places(message: Message) -> list[tuple[Any, FieldDescriptor]]:
    """Return every field that is set anywhere in a message, those of the graph more often than those of functions."""
    found: list[tuple[Any, FieldDescriptor]] = []
    waiting: list[Any] = [message]
    while waiting:
        holder = waiting.pop()
        for field, value in holder.ListFields():
            found.append((holder, field))
            if field.message_type is not None:
                waiting += list(value) if field.label == _REPEATED else [value]
    return found


def _change(message: Any, field: FieldDescriptor, others: list[Any], strings: list[str], rng: Random) -> None:
    value = getattr(message, field.name)
    if rng.random() < 0.1:
        message.ClearField(field.name)
    elif field.label == _REPEATED:
        at = rng.randrange(len(value))
        if field.message_type is not None:
            match rng.randrange(3):
                case 0:
                    del value[at]
                case 1:
                    value.add().CopyFrom(value[at])
                case _:
                    same = [other for other in others if other.DESCRIPTOR is field.message_type]
                    value[at].CopyFrom(rng.choice(same or [value[at]]))
        elif rng.random() < 0.3:
            if rng.random() < 0.5:
                del value[at]
            else:
                value.append(value[at])
        else:
            value[at] = _scalar(field, value[at], strings, rng)
    elif field.message_type is not None:
        same = [other for other in others if other.DESCRIPTOR is field.message_type]
        value.CopyFrom(rng.choice(same or [value]))
    else:
        setattr(message, field.name, _scalar(field, value, strings, rng))


def _scalar(field: FieldDescriptor, value: Any, strings: list[str], rng: Random) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_BYTES:
            return any_bytes(value, rng)
        case FieldDescriptor.CPPTYPE_STRING:
            return rng.choice(
                (*strings, *strings, "", "x", "Quant", "Add", "Mul", "Transpose", "Relu", "Floor", "\x80")
            )
        case FieldDescriptor.CPPTYPE_FLOAT | FieldDescriptor.CPPTYPE_DOUBLE:
            return rng.choice((*_FLOATS, value * 2, -value))
        case _:
            return rng.choice((*_INTEGERS, value + 1, value - 1))
