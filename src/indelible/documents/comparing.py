"""Comparing a document's stored text exactly, on databases whose `=` may take other text for the same.

Under a collation that does not tell `Dawn` from `dawn`, as SQL Server's usual one, compare-and-swap by `=` would
overwrite a change of nothing but that. Such text is compared byte by byte too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, UnicodeText, case, func
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Column

from indelible.documents.statements import name_in_text, text_of

_ALWAYS = ("mssql",)
"""Databases whose usual collations may take more for equal than upper and lower case."""


def probes(dialect: Dialect, column: Column[Any]) -> list[ColumnElement[Any]]:
    """Return columns for the query that reads a text: whether its capitals, and its small letters, equal it."""
    text = text_of(column)
    changed = () if dialect.name in _ALWAYS else (func.upper(text), func.lower(text))
    return [case((text == each, 1), else_=0) for each in changed]


def is_exact(dialect: Dialect, text: str | None, answers: tuple[int, ...]) -> bool:
    """Tell whether the database's `=` tells this text from others, as far as the answers to `probes` say."""
    if text is None:
        return True
    if dialect.name in _ALWAYS:
        return False
    changed = text.upper() != text, text.lower() != text
    return not any(is_changed and said for is_changed, said in zip(changed, answers, strict=True))


def same_bytes(dialect: Dialect, column: Column[Any], parameter: str) -> str:
    """Return a condition, as text, that holds only where a document's text has the bytes of a parameter."""
    text, binary = (dialect.type_compiler_instance.process(type_) for type_ in (UnicodeText(), LargeBinary()))
    stored, given = (
        f"CAST(CAST({each} AS {text}) AS {binary})"
        for each in (name_in_text(dialect, column), f":{parameter}")
    )
    return f"{stored} = {given}"
