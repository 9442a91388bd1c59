"""JSON text as other programs may write it: other escapes, characters as they are, more space or none."""

from __future__ import annotations

import json
import random
from typing import Any


def foreign_text(value: Any, rng: random.Random) -> str:
    """Return text of a value that Python's `json` reads and does not write."""
    if isinstance(value, dict):
        members = list(value.items())
        rng.shuffle(members)
        return _around(
            "{", "}", [f"{_string(key, rng)}:{foreign_text(item, rng)}" for key, item in members], rng
        )
    if isinstance(value, list):
        return _around("[", "]", [foreign_text(item, rng) for item in value], rng)
    if isinstance(value, str):
        return _string(value, rng)
    if isinstance(value, float) and rng.random() < 0.3:
        return f"{value:.17e}"
    return json.dumps(value)


def _around(left: str, right: str, parts: list[str], rng: random.Random) -> str:
    space = rng.choice(("", " ", "\n"))
    return left + space + f",{space}".join(parts) + right


def _string(text: str, rng: random.Random) -> str:
    return '"' + "".join(_character(each, rng) for each in text) + '"'


def _character(character: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.6:
        return json.dumps(character, ensure_ascii=False)[1:-1]
    if chance < 0.7 and character == "/":
        return "\\/"
    codes = character.encode("utf-16-be").hex()
    units = [codes[start : start + 4] for start in range(0, len(codes), 4)]
    return "".join(f"\\u{unit.upper() if chance > 0.8 else unit}" for unit in units)
