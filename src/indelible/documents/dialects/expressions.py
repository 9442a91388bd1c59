"""What the dialects' modules have in common: SQL with its values apart, and who speaks which dialect."""

from __future__ import annotations

from typing import Any, Protocol

from indelible.changes.guarding import Edit, Guard


class Values:
    """Gathers the values of a statement; the names that it gives for them stand in the SQL."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self._said: set[str] = set()

    def name(self, value: Any) -> str:
        """Return the placeholder of a value."""
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def once(self, condition: str) -> str | None:
        """Return a condition the first time, and `None` when the statement has it already."""
        if condition in self._said:
            return None
        self._said.add(condition)
        return condition


class CannotExpress(Exception):
    """The database cannot do this by itself; the document is to be read and merged."""


class Expressions(Protocol):
    """Guards and edits as SQL over a document's own column, for one kind of database."""

    def holds(self, column: str, guard: Guard, values: Values) -> str:
        """Return a condition that is true only where the guard holds.

        Raises:
            CannotExpress: there is none.
        """

    def edited(self, column: str, expression: str, edit: Edit, values: Values) -> str:
        """Return an expression for the document that `expression` gives, after an edit.

        Raises:
            CannotExpress: there is none.
        """
