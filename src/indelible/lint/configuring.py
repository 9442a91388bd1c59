"""`[tool.indelible]` in `pyproject.toml`."""

from __future__ import annotations

import os
from collections.abc import Sequence


class WrongConfiguration(ValueError):
    """`[tool.indelible]` cannot be used; the message says which key and why."""


class Configuration:
    """What to check and to show; paths are relative to `folder`, where the `pyproject.toml` is."""

    def __init__(self, folder: str = ".") -> None:
        self.folder = folder
        self.select: tuple[str, ...] = ()
        self.ignore: tuple[str, ...] = ()
        self.exclude: tuple[str, ...] = ()
        self.per_file_ignores: dict[str, tuple[str, ...]] = {}
        self.baseline = ""
        self.strict = False

    def wants(self, rule: str, path: str) -> bool:
        """Say whether findings of a rule in a file are wanted; codes match by prefix."""
        if self.select and not any(rule.startswith(code) for code in self.select):
            return False
        ignored = list(self.ignore)
        if self.per_file_ignores:
            ignored += self._ignored_in(path)
        return not any(rule.startswith(code) for code in ignored)

    def _ignored_in(self, path: str) -> list[str]:
        from fnmatch import fnmatch

        found: list[str] = []
        relative = os.path.relpath(path, self.folder)
        for pattern, codes in self.per_file_ignores.items():
            if fnmatch(relative, pattern) or fnmatch(os.path.basename(path), pattern):
                found.extend(codes)
        return found


_LISTS = ("select", "ignore", "exclude")
_KNOWN = {*_LISTS, "per-file-ignores", "baseline", "strict"}


def load(start: str) -> Configuration:
    """Return the configuration of the nearest `pyproject.toml` in a folder or above it.

    Raises `WrongConfiguration`.
    """
    folder = os.path.abspath(start if os.path.isdir(start) else os.path.dirname(start) or ".")
    while True:
        path = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(path):
            return _read(path, folder)
        above = os.path.dirname(folder)
        if above == folder:
            return Configuration()
        folder = above


def _read(path: str, folder: str) -> Configuration:
    try:
        with open(path, "rb") as file:
            content = file.read()
        if b"indelible" not in content:
            return Configuration(folder)
        import tomllib  # takes as long as a check of some hundred unchanged files

        table = tomllib.loads(content.decode()).get("tool", {}).get("indelible", {})
    except (ValueError, OSError) as error:
        raise WrongConfiguration(f"{path}: {error}") from error
    if unknown := sorted(table.keys() - _KNOWN):
        raise WrongConfiguration(f"{path}: [tool.indelible] has no key {', '.join(unknown)}")
    made = Configuration(folder)
    for name in _LISTS:
        setattr(made, name, _strings(path, name, table.get(name, [])))
    ignores = table.get("per-file-ignores", {})
    made.per_file_ignores = {pattern: _strings(path, pattern, codes) for pattern, codes in ignores.items()}
    made.baseline = os.path.join(folder, table["baseline"]) if table.get("baseline") else ""
    made.strict = bool(table.get("strict", False))
    return made


def _strings(path: str, name: str, value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, Sequence)
        or isinstance(value, str)
        or not all(isinstance(one, str) for one in value)
    ):
        raise WrongConfiguration(f"{path}: [tool.indelible] {name} must be a list of strings")
    return tuple(value)
