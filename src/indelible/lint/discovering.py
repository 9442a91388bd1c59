"""Finds and reads Python files: links in circles, odd encodings and enormous files included."""

from __future__ import annotations

import fnmatch
import io
import os
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache

LARGEST_BYTES = 5_000_000
ALWAYS_LEFT_OUT = {
    ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "env", ".env", "node_modules", "__pycache__", ".mypy_cache",
    ".ruff_cache", ".pytest_cache", "build", "dist", ".eggs", "site-packages", "__pypackages__", ".indelible_cache",
}  # fmt: skip


def python_files(paths: Iterable[str], exclude: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the files under some paths, each once, sorted, with the root that each was found under.

    `exclude` are glob patterns for whole paths, relative to the working directory, or for names.
    """
    patterns = tuple(exclude)
    found: dict[str, tuple[str, str]] = {}
    for path in paths:
        root = path if os.path.isdir(path) else os.path.dirname(path) or "."
        for file in [path] if os.path.isfile(path) else _walk(path, patterns):
            real = os.path.realpath(file)
            found.setdefault(real, (os.path.normpath(file), root))
    return sorted(found.values())


def _walk(top: str, patterns: tuple[str, ...]) -> Iterator[str]:
    seen = {os.path.realpath(top)}
    for folder, folders, files in os.walk(top, followlinks=True):
        kept = []
        for name in sorted(folders):
            full = os.path.join(folder, name)
            if name in ALWAYS_LEFT_OUT or _matches(full, name, patterns):
                continue
            # a link may lead back up; each real folder is walked once
            real = os.path.realpath(full) if os.path.islink(full) else full
            if os.path.islink(full):
                if real in seen:
                    continue
                seen.add(real)
            kept.append(name)
        folders[:] = kept
        for name in files:
            if name.endswith((".py", ".pyw")) and not _matches(os.path.join(folder, name), name, patterns):
                yield os.path.join(folder, name)


def _matches(path: str, name: str, patterns: tuple[str, ...]) -> bool:
    path = os.path.normpath(path)
    return any(
        fnmatch.fnmatch(path, pattern)
        or fnmatch.fnmatch(name, pattern)
        or fnmatch.fnmatch(path, f"{pattern}/*")
        for pattern in patterns
    )


def read_text(path: str) -> str:
    """Return a file's text, decoded as Python would.

    Raises `SyntaxError` for an unknown or wrong encoding, `ValueError` for a file over `LARGEST_BYTES`.
    """
    with open(path, "rb") as file:
        return decode(file.read(LARGEST_BYTES + 1))


def decode(content: bytes) -> str:
    """Decode a module by its BOM or coding comment; line ends become `\\n`."""
    if len(content) > LARGEST_BYTES:
        raise ValueError("file too large")
    if content.isascii() and b"coding" not in content[:300]:
        text = content.decode("ascii")
    else:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def module_name(path: str, root: str) -> str:
    """Return the dotted name of a file, from the root that was checked."""
    above, package = _root(root)
    relative = path[len(above) :] if path.startswith(above) else os.path.relpath(path, root)
    parts = relative.removesuffix(".pyw").removesuffix(".py").split(os.sep)
    if package:
        parts.insert(0, package)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(part for part in parts if part not in ("..", "."))


@cache
def _root(root: str) -> tuple[str, str]:
    """Return what the paths of files under a root begin with, and the root's own name if it is a package."""
    above = os.path.normpath(root)
    package = os.path.exists(os.path.join(root, "__init__.py"))
    name = os.path.basename(os.path.abspath(root)) if package else ""
    return "" if above == os.curdir else os.path.join(above, ""), name
