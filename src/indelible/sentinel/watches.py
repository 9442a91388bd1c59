"""One value of one row, and whether it still is what the database has."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm.state import InstanceState

from indelible.sentinel import adopting, clock
from indelible.sentinel.comparing import Path, differences, frozen, unchanged
from indelible.sentinel.places import Place
from indelible.sentinel.recording import ANY_STEP, Entry, below, log_of


class Watch:
    """Compares the value of a column with what the database is known to have."""

    __slots__ = (
        "__weakref__",
        "foreign",
        "identity",
        "key",
        "mapper",
        "root",
        "saved",
        "since",
        "state",
        "traced",
    )

    def __init__(self, state: InstanceState[Any], key: str, loaded: bool) -> None:
        values = state.dict
        self.state = weakref.ref(state)
        self.key = key
        self.mapper = state.mapper
        self.identity: tuple[Any, ...] = state.identity or ()
        # What was loaded is copied to record; a class that tracks by itself records as it is.
        self.saved = values[key] if loaded and type(values[key]) in (dict, list) else frozen(values[key])
        # Whether a part of the value does not record: what program code still holds is left in its place.
        self.foreign = not (adopting.adopt_loaded if loaded else adopting.adopt_kept)(values, key)
        self.root = values[key]
        self.since = clock.now()
        self.traced: list[tuple[Any, Entry]] = []

    def name(self) -> str:
        """Return `Class.attribute`."""
        return f"{self.mapper.class_.__name__}.{self.key}"

    def present(self) -> Any:
        """Return what the row holds now; what it held last if the row is gone or has been expired."""
        state = self.state()
        row = state.obj() if state is not None else None
        return self.root if state is None or row is None else state.dict.get(self.key, self.root)

    def differs(self) -> bool:
        """Say whether the value is not what the database has."""
        return not unchanged(self.saved, self.present())

    def take_saved(self) -> None:
        """Begin anew: what the row holds now is what the database has."""
        state = self.state()
        values = state.dict if state is not None and state.obj() is not None else {self.key: self.root}
        self.root = None  # so that the row alone holds it
        if adopting.is_watchable(values.get(self.key)):
            self.saved = frozen(values[self.key])
            self.foreign = not adopting.adopt_kept(values, self.key)
            self.root = values[self.key]
        else:
            self.saved = frozen(values.get(self.key))
            self.foreign = False
        self.since = clock.now()
        self.traced.clear()

    def adopt_more(self) -> None:
        """Let parts record that program code has let go of."""
        state = self.state()
        if state is not None and state.obj() is not None and state.dict.get(self.key) is self.root:
            self.root = None
            self.foreign = not adopting.adopt_more(state.dict, self.key)
            self.root = state.dict[self.key]

    def is_orphan(self) -> bool:
        """Say whether the row is gone."""
        state = self.state()
        return state is None or state.obj() is None

    def is_forgotten(self) -> bool:
        """Say whether the row is gone, and nobody changed the value or can change it any more."""
        if not self.is_orphan():
            return False
        holder, self.root = [self.root], None
        unheld = adopting.is_unheld(holder)
        self.root = holder[0]
        return unheld and not self.differs()

    def lost(self) -> list[tuple[Path, Entry | None]]:
        """Return each changed place with the line that changed it, in the order of the changes; None if unknown."""
        present = self.present()
        found: dict[tuple[Place, Path], tuple[Path, Entry | None]] = {}
        unknown: list[tuple[Path, Entry | None]] = []
        for path, container, steps in differences(self.saved, present):
            entries = list(self._entries(path, container, steps))
            if not entries:
                unknown.append(((*path, *(step for step in steps[:1] if step is not ANY_STEP)), None))
            for where, entry in entries:
                found.setdefault((entry.place, where), (where, entry))
        known = sorted(found.values(), key=lambda item: item[1].order if item[1] else 0)
        return known or unknown

    def _entries(self, path: Path, container: Any, steps: tuple[Any, ...]) -> Iterator[tuple[Path, Entry]]:
        """Yield what is known of how a container came to differ, from it or else from those above it."""
        at_once = [container, *self._stood_at(path)]
        for one in at_once:
            found = list(_relevant(one, steps))
            if found:
                yield from ((_with_step(path, entry), entry) for entry in found)
                break
        if ANY_STEP in steps:
            for one in at_once:
                yield from _inside(one, path)
        yield from (
            ((*path, *steps[:1]) if at is None else at, entry) for at, entry in self._traced(path, steps)
        )

    def _stood_at(self, path: Path) -> Iterator[Any]:
        """Yield what is at a path in the value that was loaded, where another was assigned since."""
        value = self.root
        for step in path:
            try:
                value = value[step]
            except (LookupError, TypeError):
                return
        yield value

    def _traced(self, path: Path, steps: tuple[Any, ...]) -> Iterator[tuple[Path | None, Entry]]:
        for difference, entry in self.traced:
            if difference.path == path and (
                ANY_STEP in difference.steps or set(steps) & set(difference.steps)
            ):
                own = [step for step in difference.steps if step is not ANY_STEP]
                yield (*path, *own[:1]), entry


def _relevant(container: Any, steps: tuple[Any, ...]) -> Iterator[Entry]:
    log = log_of(container)
    if log is None:
        return
    for entry in log.entries.values():
        if entry.step is ANY_STEP or ANY_STEP in steps or entry.step in steps:
            yield entry


def _with_step(path: Path, entry: Entry) -> Path:
    return path if entry.step is ANY_STEP else (*path, entry.step)


def _inside(container: Any, path: Path) -> Iterator[tuple[Path, Entry]]:
    """Yield the entries of what is below a list whose elements cannot be told apart any more."""
    if not isinstance(container, dict | list):
        return
    for step, child in below(container):
        if isinstance(child, dict | list):
            yield from (((*path, step), entry) for entry in _relevant(child, (ANY_STEP,)))
            yield from _inside(child, (*path, step))
