"""Finds changes that no tracked container was told of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from warnings import warn

from sqlalchemy.orm import Session

from indelible.changes.differencing import Past
from indelible.changes.journal import UNKNOWN
from indelible.changes.ownership import Container, path_of
from indelible.changes.paths import Path, format_path
from indelible.changes.values import same_atom
from indelible.documents.attachment import Attachment
from indelible.documents.strictness import is_strict
from indelible.errors import LostChange, SourceChanged, SourceChangedWarning

_WATCHED = "indelible.watched"


def watch(session: Session | None, attachment: Attachment) -> None:
    """Compare a document with its journal at each flush from now on, in strict mode."""
    if session is not None:
        session.info.setdefault(_WATCHED, {})[id(attachment)] = attachment


def watched(session: Session) -> Iterator[Attachment]:
    """Yield the documents of a session that strict mode watches."""
    attachments: dict[int, Attachment] = session.info.get(_WATCHED, {})
    for attachment in list(attachments.values()):
        if attachment.is_live(session):
            yield attachment
        else:
            del attachments[id(attachment)]


def check_unseen_changes(attachment: Attachment) -> None:
    """Raise `LostChange` for a watched document that was changed past its containers."""
    path = _first_difference(attachment.seen, attachment.journal.root, Past(attachment.journal))
    if path is not None:
        raise LostChange(
            "the document was changed by code that bypasses its methods (C functions such as heapq's, or "
            "`dict.__setitem__(document, …)`): the change would not be saved. Change a plain copy and assign it.",
            document=attachment.describe(),
            path=format_path(path),
        )


def check_sources(attachment: Attachment) -> None:
    """Tell of values that were changed after they had been put into a document, which copies them.

    Raises:
        SourceChanged: in strict mode; otherwise there is a warning.
    """
    for journal in (*attachment.earlier, attachment.journal):
        past = Past(journal)
        for source, copy in journal.sources:
            path = _first_difference(source, copy, past)
            if path is not None:
                _tell(
                    SourceChanged(document=attachment.describe(), path=format_path((*path_of(copy), *path)))
                )
    if not is_strict():
        attachment.journal.sources.clear()


def _tell(change: SourceChanged) -> None:
    if is_strict():
        raise change
    warn(SourceChangedWarning(str(change)), stacklevel=2)


def _first_difference(seen: Any, value: Any, past: Past) -> Path | None:
    """Return where a plain value differs from what a container was, or `None`."""
    if isinstance(seen, Container) or value is UNKNOWN:
        return None
    if isinstance(seen, dict) and isinstance(value, dict):
        content = past.content(value)
        steps: Any = [*seen, *(key for key in content if key not in seen)]
    elif isinstance(seen, list | tuple) and isinstance(value, list | tuple):
        content = past.content(value)
        steps = range(max(len(seen), len(content)))
    else:
        return None if same_atom(seen, value) else ()
    for step in steps:
        if not (_has(seen, step) and _has(content, step)):
            return (step,)
        below = _first_difference(seen[step], content[step], past)
        if below is not None:
            return (step, *below)
    return None


def _has(container: Any, step: Any) -> bool:
    return step in container if isinstance(container, dict) else step < len(container)
