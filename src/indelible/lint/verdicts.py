"""What the functions of a project say about its changes; findings are made of it."""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """What one function says about one change: `lost`, `saved`, or `contrary` (it is no column).

    `key` is file, span and attribute of the change. `typed` and `meant` are 0 to 3: how sure it is that this is a
    column, and that the change should be saved. `loose` says that no row was loaded, only this column of it; `closed`
    that the function commits the change itself; `row` is how the row can be written just behind the change, or behind
    what assigns it back, empty if it cannot.
    """

    key: tuple[str, tuple[int, int, int, int], str]
    status: str
    rule: str
    typed: int
    meant: int
    own: bool
    model: str
    attribute: str
    type_name: str
    column_path: str
    column_line: int
    variable: str
    how: str
    function: str
    anchor: tuple[str, tuple[int, int, int, int]] | None
    receiver: str
    loose: bool = False
    closed: bool = False
    row: str = ""
