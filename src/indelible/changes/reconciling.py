"""Brings a tracked document in line with its merged state, in place: containers that stay keep their identity."""

from __future__ import annotations

from typing import Any

from indelible.changes.aligning import Alignment
from indelible.changes.journal import Journal
from indelible.changes.ownership import Container, Holder, Replaced, path_of, upwards
from indelible.changes.paths import Path
from indelible.changes.policies import Policies
from indelible.changes.tracking import TrackedDict, TrackedList, load
from indelible.changes.values import same


def kind_of(value: Any) -> type | None:
    """Return the tracked class for a plain container."""
    return TrackedDict if isinstance(value, dict) else TrackedList if isinstance(value, list) else None


def reconcile(container: Any, value: Any, holder: Holder, policies: Policies) -> None:
    """Make a tracked container equal to a plain one of its kind; what others changed counts as read, not as changed.

    What was before goes into the holder's journal, so that the old value stays known.
    """
    _Reconciling(holder, policies).container(container, value)


class _Reconciling:
    def __init__(self, holder: Holder, policies: Policies) -> None:
        self._holder = holder
        self._journal: Journal = holder.journal
        self._policies = policies

    def container(self, container: Any, value: Any) -> None:
        if isinstance(container, dict):
            self._object(container, value)
        elif not same(container, value):
            self._list(container, value)

    def _object(self, container: Any, value: dict[str, Any]) -> None:
        now = {key: self._fitted(container, container.get(key), item) for key, item in value.items()}
        if now.keys() == container.keys() and all(now[key] is container[key] for key in now):
            return
        self._keep(container)
        self._release(dict.values(container), now.values())
        dict.clear(container)
        dict.update(container, now)

    def _list(self, container: Any, value: list[Any]) -> None:
        path: Path = path_of(container)
        alignment = Alignment(container, value, self._policies.key_of(path, container))
        former = {alignment.neighbour(index): item for index, item in enumerate(container)}
        now = [self._fitted(container, former.get(place), item) for place, item in enumerate(value)]
        if len(now) == len(container) and all(map(_is, now, container)):
            return
        self._keep(container)
        self._release(iter(container), now)
        list.__setitem__(container, slice(None), now)

    def _fitted(self, owner: Any, present: Any, value: Any) -> Any:
        """Return what stands for a value: the container that is there, made equal to it, or a new one."""
        kind = kind_of(value)
        if kind is None:
            return present if present is not None and same(present, value) else value
        if present.__class__ is kind:
            self.container(present, value)
            return present
        return load(value, owner)

    def _keep(self, container: Any) -> None:
        self._journal.keep(container, container.shallow())
        for above in upwards(container._owner):
            self._journal.open(above)

    def _release(self, former: Any, now: Any) -> None:
        staying = {id(item) for item in now}
        for item in former:
            if isinstance(item, Container) and id(item) not in staying:
                item._owner = Replaced(self._holder.document)


def _is(one: Any, other: Any) -> bool:
    return one is other
