"""Figures of a report: each says where it comes from."""

from __future__ import annotations

from typing import Any, Literal

Kind = Literal["measured", "simulated", "synthesis-estimate", "model"]


def figure(value: Any, kind: Kind, unit: str | None = None) -> dict[str, Any]:
    """Return `value` for a JSON report, tagged with its kind and, where the name does not tell, its unit."""
    return {"value": value, "kind": kind} | ({"unit": unit} if unit else {})
