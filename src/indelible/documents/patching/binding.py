"""Binding the values of one more change of a patch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter

from indelible.changes.json_patch_operations import BEHIND_LAST
from indelible.changes.paths import By, Path, Step, format_path
from indelible.documents.patching import shapes
from indelible.documents.patching.failing import Label
from indelible.documents.patching.refusals import ChangeFailure, Failure
from indelible.documents.patching.values import (
    Comparable,
    LabelText,
    NewOddKey,
    Number,
    OddKey,
    PathKey,
    PathPosition,
    Sent,
    is_odd,
    is_quoted,
)

if TYPE_CHECKING:
    from indelible.documents.patching.building import Patch

_POSITION = re.compile("0|[1-9][0-9]*")


class Binding:
    """Gathers the bound values of one more change."""

    def __init__(self, patch: Patch, failure: Failure) -> None:
        self._patch = patch
        self._binds = list(patch._binds) or [_bind(None, LabelText)]
        self._failures = (*patch._failures, failure)

    def bind(self, value: Any, type_: type[Any]) -> int:
        """Bind a value and return its slot."""
        self._binds.append(_bind(value, type_))
        return len(self._binds) - 1

    def steps(self, path: Path, document: str) -> shapes.Steps:
        """Bind the steps of a path."""
        return tuple(self._step(step, document, path[: number + 1]) for number, step in enumerate(path))

    def key(self, key: str, document: str, path: Path) -> shapes.Key:
        """Bind the key of a member."""
        sent = Sent(key, document, path)
        is_dashed = key.startswith("-")
        if not is_odd(key):
            return shapes.Key(self.bind(sent, PathKey), is_dashed=is_dashed)
        slot = self.bind(sent, OddKey)
        self.bind(sent, NewOddKey)
        return shapes.Key(slot, is_odd=True, is_quoted=is_quoted(key), is_dashed=is_dashed)

    def _step(self, step: Step, document: str, path: Path) -> shapes.Key | shapes.Position | shapes.Found:
        if isinstance(step, str):
            return self.key(step, document, path)
        return self.element(step, document, path, PathPosition)

    def element(
        self, step: int | By, document: str, path: Path, type_: type[Any] = Number
    ) -> shapes.Position | shapes.Found:
        """Bind a step to an element of a list."""
        if isinstance(step, int):
            return shapes.Position(self.bind(step, type_))
        key = self.bind(Sent(step.key, document, path), OddKey)
        return shapes.Found(key, self.bind(Sent(step.value, document, path), Comparable))

    def token(self, token: str, document: str, path: Path) -> shapes.Step:
        """Bind a token of a JSON Pointer."""
        if token == BEHIND_LAST:
            return shapes.End(self.bind(Sent(token, document, path), PathKey))
        if not _POSITION.fullmatch(token):
            return self.key(token, document, path)
        # No list is as long as that, and Python would not read many more digits.
        position = self.bind(int(token[:19]), Number)
        return shapes.Token(self.bind(Sent(token, document, path), PathKey), position)

    def patch(self, *operations: shapes.Operation) -> Patch:
        """Return the patch with another change."""
        change = len(self._failures) - 1
        shape = (*self._patch._shape, *(shapes.Numbered(change, each) for each in operations))
        text = _said(self._patch, self._failures)
        self._binds[0] = _bind(
            Label(text, self._failures, ChangeFailure(self._patch._document_name, ())), LabelText
        )
        return self._patch._changed(tuple(self._binds), shape, self._failures)


def _said(patch: Patch, failures: Iterable[Failure]) -> str:
    places = [format_path(each.path) for each in failures if isinstance(each, ChangeFailure)]
    return f"{patch._document_name} {', '.join(places)}"[:200]


def _bind(value: Any, type_: type[Any]) -> BindParameter[Any]:
    return BindParameter("patch", value, type_=type_(), unique=True)
