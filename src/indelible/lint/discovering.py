"""Finds and reads Python files: links in circles, odd encodings and enormous files included."""

from __future__ import annotations

import io
import os
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
        real = os.path.realpath(path)
        if os.path.isfile(path):
            found.setdefault(real, (os.path.normpath(path), os.path.dirname(path) or "."))
        else:
            for file, real_file in _walk(os.path.normpath(path), real, patterns, {real}):
                found.setdefault(real_file, (file, path))
    return sorted(found.values())


def _walk(folder: str, real: str, patterns: tuple[str, ...], seen: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the files in a folder and below, with their real paths; each real folder that a link leads to once."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    below: list[tuple[str, str]] = []
    prefix, real_prefix = os.path.join(folder, ""), os.path.join(real, "")
    for entry in entries:
        name = entry.name
        path = name if folder == os.curdir else prefix + name
        linked = entry.is_symlink()
        if entry.is_dir():
            if name in ALWAYS_LEFT_OUT or (patterns and _matches(path, name, patterns)):
                continue
            target = os.path.realpath(path) if linked else real_prefix + name
            if not linked or target not in seen:
                seen.update({target} if linked else ())
                below.append((path, target))
        elif name.endswith((".py", ".pyw")) and not (patterns and _matches(path, name, patterns)):
            yield path, os.path.realpath(path) if linked else real_prefix + name
    for path, target in below:
        yield from _walk(path, target, patterns, seen)


def _matches(path: str, name: str, patterns: tuple[str, ...]) -> bool:
    from fnmatch import fnmatch

    path = os.path.normpath(path)
    return any(
        fnmatch(path, pattern) or fnmatch(name, pattern) or fnmatch(path, f"{pattern}/*")
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
        import tokenize

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
