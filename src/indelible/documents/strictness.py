"""Strict mode: whether documents are also watched for changes that Python does not show them."""

from __future__ import annotations

import os

_strict = os.environ.get("INDELIBLE_STRICT", "") not in ("", "0")


def is_strict() -> bool:
    """Tell whether documents that are loaded now are watched."""
    return _strict


def set_strict(strict: bool) -> bool:
    """Turn strict mode on or off for documents loaded from now on; return what it was.

    In strict mode each flush and commit compares every loaded document with what its journal says, and every value
    put into one with what it was then, and raises `LostChange` where they differ. It costs a copy of each loaded
    document and a comparison of all of it at each flush: meant for tests. The pytest plugin turns it on.
    """
    global _strict
    was, _strict = _strict, strict
    return was
