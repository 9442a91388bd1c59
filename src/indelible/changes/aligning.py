"""Which elements of a list are which in another writer's version of it: by key, else by value."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

from indelible.changes.policies import key_step


class Ambiguous:
    """The place of an element in the other version that cannot be told."""

    def __repr__(self) -> str:
        return "AMBIGUOUS"


AMBIGUOUS: Final = Ambiguous()


class Alignment:
    """Where the elements of `base` are in `theirs`.

    With a key, elements that have one are told by it, wherever they are; at their old position first. Others are told
    by their value: the k-th of several equal ones is the k-th there, as long as there are as many. Where other
    writers only appended, all are where they were.
    """

    def __init__(self, base: Sequence[Any], theirs: Sequence[Any], key: str | None) -> None:
        self._places: list[int | Ambiguous | None] = []
        mine, others = ([_token(element, key) for element in each] for each in (base, theirs))
        self._tokens = mine
        self._length = len(theirs)
        if others[: len(mine)] == mine:
            self._places += range(len(mine))
        else:
            self._find(mine, others)
        used = {place for place in self._places if isinstance(place, int)}
        self.added = [place for place in range(len(theirs)) if place not in used]

    def place(self, index: int) -> int | Ambiguous | None:
        """Return an element's position in theirs; `None` where it is gone."""
        return self._places[index]

    def replacement(self, index: int) -> int | Ambiguous | None:
        """Return where theirs has another element in place of one that is gone, between the same neighbours.

        It is `None` when the element was removed, or had a key that no element has any more.
        """
        if self._tokens[index][0] == "key":
            return None
        start = end = index
        while start > 0 and self._places[start - 1] is None:
            start -= 1
        while end < len(self._places) and self._places[end] is None:
            end += 1
        before = self._places[start - 1] if start else -1
        after = self._places[end] if end < len(self._places) else self._length
        if not isinstance(before, int) or not isinstance(after, int):
            return AMBIGUOUS
        gap = [place for place in self.added if before < place < after]
        if not gap:
            return None
        return gap[index - start] if len(gap) == end - start else AMBIGUOUS

    def neighbour(self, index: int) -> int | None:
        """Return where in theirs an element is, or what came in its place: other elements stand beside it."""
        place = self._places[index]
        if place is None:
            place = self.replacement(index)
        return place if isinstance(place, int) else None

    def _find(self, mine: list[Any], others: list[Any]) -> None:
        positions = defaultdict(list)
        for position, token in enumerate(others):
            positions[token].append(position)
        counts = Counter(mine)
        seen: Counter[Any] = Counter()
        for index, token in enumerate(mine):
            there = positions.get(token, [])
            is_at_home = token[0] == "key" and index < len(others) and others[index] == token
            if is_at_home:
                self._places.append(index)
            elif not there:
                self._places.append(None)
            elif len(there) != counts[token] or (token[0] == "key" and len(there) > 1):
                self._places.append(AMBIGUOUS)
            else:
                self._places.append(there[seen[token]])
            seen[token] += 1


def _token(element: Any, key: str | None) -> tuple[str, Any, Any]:
    """Return a hashable stand-in: equal for two elements that are the same one."""
    step = None if key is None else key_step(element, key)
    if step is not None:
        return "key", step.value.__class__, step.value
    if isinstance(element, dict | list | tuple):
        return "value", dict, json.dumps(element, sort_keys=True, default=repr)
    return "value", element.__class__, repr(element)
