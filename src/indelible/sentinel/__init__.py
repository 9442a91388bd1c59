"""Finds, while a program runs, changes of JSON values that are never saved, and the lines that made them.

For code whose columns are plain `JSON`, `JSONB`, `MutableDict` and the like. It needs no change of that code.
"""

from indelible.sentinel.watching import Reaction, Sentinel, watch

__all__ = ["Reaction", "Sentinel", "watch"]
