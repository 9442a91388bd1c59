"""The documents that are measured: a configuration, a chat and a storyboard, the same in every run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

_SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ren",
    "ta",
    "su",
    "vel",
    "no",
    "dra",
    "pe",
    "shi",
    "or",
    "ber",
    "cos",
    "fa",
    "gan",
)
_ROLES = ("user", "assistant")


@dataclass(frozen=True)
class Sample:
    """A document, one change deep inside it, and how often one measurement repeats what it measures."""

    name: str
    document: dict[str, Any]
    change: Callable[[dict[str, Any], str], None]
    repeats: int

    @property
    def size(self) -> int:
        """Bytes of the document's JSON text."""
        return len(json.dumps(self.document, ensure_ascii=False).encode())

    @property
    def containers(self) -> int:
        """How many objects and arrays the document has."""
        return count_containers(self.document)


def samples() -> list[Sample]:
    """Return the documents of the three sizes."""
    return [
        Sample("1 kB configuration", configuration(0), _change_configuration, 20),
        Sample("100 kB chat", chat(100_000), _change_chat, 5),
        Sample("1 MB storyboard", storyboard(1_000_000), _change_storyboard, 1),
    ]


def count_containers(value: Any) -> int:
    """Return how many objects and arrays a value has, itself included."""
    if not isinstance(value, dict | list):
        return 0
    return 1 + sum(map(count_containers, value.values() if isinstance(value, dict) else value))


def configuration(seed: int) -> dict[str, Any]:
    """Return an account's settings of about 1 kB."""
    random = Random(seed)
    return {
        "account": f"account-{seed:06}",
        "locale": {"language": "de-AT", "time_zone": "Europe/Vienna", "week_starts": "monday"},
        "theme": {"mode": "dark", "accent": f"#{random.randrange(1 << 24):06x}", "density": "compact"},
        "notifications": {
            channel: {"enabled": random.random() < 0.7, "digest": "weekly", "hours": [8, 20]}
            for channel in ("email", "push", "sms")
        },
        "model": {"name": "writer-large", "temperature": 0.7, "max_tokens": 4096, "stop": ["###", "END"]},
        "features": [f"feature-{random.randrange(100)}" for _ in range(6)],
        "limits": {"projects": 25, "members": 8, "storage_gb": 50.0, "trial_ends": None},
        "recent": [{"id": _identifier(random), "title": _words(random, 4).title()} for _ in range(3)],
        "note": _words(random, 22),
    }


def chat(size: int) -> dict[str, Any]:
    """Return a conversation with a model, with some tool calls, of at least `size` bytes."""
    random = Random(1)
    messages: list[dict[str, Any]] = []
    document = {
        "id": _identifier(random),
        "title": "Rewriting the second act",
        "model": {"name": "writer-large", "temperature": 0.7, "top_p": 1.0, "max_tokens": 4096},
        "created_at": "2025-03-01T09:00:00Z",
        "tags": ["script", "act two"],
        "messages": messages,
    }
    written = len(json.dumps(document))
    while written < size:
        message = _message(random, len(messages))
        messages.append(message)
        written += len(json.dumps(message, ensure_ascii=False).encode()) + 2
    return document


def storyboard(size: int) -> dict[str, Any]:
    """Return scenes with shots, each of many short fields and small lists, of at least `size` bytes."""
    random = Random(2)
    scenes: list[dict[str, Any]] = []
    document = {"id": _identifier(random), "title": "The Ninety-First Day", "fps": 24, "scenes": scenes}
    written = len(json.dumps(document))
    while written < size:
        scene = _scene(random, len(scenes))
        scenes.append(scene)
        written += len(json.dumps(scene, ensure_ascii=False).encode()) + 2
    return document


def _message(random: Random, number: int) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": _identifier(random),
        "role": _ROLES[number % 2],
        "content": _words(random, random.randrange(40, 140)) + random.choice((".", "…", "?", "!")),
        "created_at": f"2025-03-01T{9 + number // 60:02}:{number % 60:02}:00Z",
        "tokens": random.randrange(50, 400),
    }
    if message["role"] == "assistant" and random.random() < 0.3:
        arguments = json.dumps({"scene": number, "query": _words(random, 6)})
        function = {"name": "find_scene", "arguments": arguments}
        message["tool_calls"] = [{"id": _identifier(random), "type": "function", "function": function}]
    return message


def _scene(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": _identifier(random),
        "number": number + 1,
        "slugline": f"INT. {_words(random, 2).upper()} - DAY",
        "characters": [_words(random, 1).title() for _ in range(random.randrange(1, 5))],
        "summary": _words(random, 20),
        "shots": [_shot(random, position) for position in range(random.randrange(4, 13))],
    }


def _shot(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": _identifier(random),
        "number": number + 1,
        "size": random.choice(("wide", "medium", "close-up")),
        "angle": random.choice(("eye level", "low", "high")),
        "move": random.choice(("static", "pan", "dolly", None)),
        "lens": random.choice((24, 35, 50, 85)),
        "seconds": round(random.uniform(1, 9), 1),
        "approved": random.random() < 0.5,
        "who": [_words(random, 1).title() for _ in range(random.randrange(0, 3))],
        "tags": [_words(random, 1) for _ in range(random.randrange(0, 4))],
        "at": [random.randrange(1920), random.randrange(1080)],
        "image": {"file": f"{_identifier(random)}.webp", "seed": random.randrange(10**6), "status": "done"},
    }


def _identifier(random: Random) -> str:
    return f"{random.getrandbits(48):012x}"


def _words(random: Random, count: int) -> str:
    return " ".join("".join(random.choices(_SYLLABLES, k=random.randrange(1, 4))) for _ in range(count))


def _change_configuration(document: dict[str, Any], value: str) -> None:
    document["notifications"]["email"]["digest"] = value


def _change_chat(document: dict[str, Any], value: str) -> None:
    messages = document["messages"]
    messages[len(messages) // 2]["content"] = value


def _change_storyboard(document: dict[str, Any], value: str) -> None:
    scenes = document["scenes"]
    scenes[len(scenes) // 2]["shots"][1]["image"]["status"] = value
