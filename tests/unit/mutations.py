"""Every way in which the built-in containers are changed in place, as data that a random program is made of.

A mutation runs alike on a tracked container, on a plain one, and on one of the model's tokens.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.unit.model import bare, reveal

Run = Callable[[Any, Sequence[Any]], Any]


class Broken(Exception):
    """Raised by the iterators and sort keys that fail in the middle."""


ASSIGNING = {"__setitem__", "update", "__ior__", "__init__"}


@dataclass(frozen=True)
class Reference:
    """A container that the program holds, or a copy of it, as part of a value."""

    number: int
    form: str = "itself"

    def __repr__(self) -> str:
        name = f"held[{self.number}]"
        return {"itself": name, "copy": f"copy({name})", "deepcopy": f"deepcopy({name})"}.get(
            self.form, f"pickled({name})"
        )


@dataclass(frozen=True, repr=False)
class Mutation:
    """One change of one container through one method of its built-in type."""

    kind: type
    method: str
    text: str
    run: Run = field(compare=False)
    values: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        return self.text

    @property
    def assigns(self) -> bool:
        """Whether it puts values in the place of others."""
        return self.method in ASSIGNING

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.text)

    def apply(self, container: Any, values: Sequence[Any] | None = None) -> Any:
        """Change the container, with `values` in place of the mutation's own."""
        return self.run(container, self.values if values is None else values)


def resolve(value: Any, held: Callable[[int], Any]) -> Any:
    """Return a value of new plain containers, with the held containers for their references."""
    if isinstance(value, Reference):
        return _refer(held(value.number), value.form)
    if isinstance(value, dict):
        return {key: resolve(item, held) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, held) for item in value]
    if isinstance(value, tuple):
        return tuple(resolve(item, held) for item in value)
    return value


def _refer(container: Any, form: str) -> Any:
    if form == "itself" or container is None:
        return container
    if form == "copy":  # by C code, which hands out the very children
        return dict(container) if isinstance(container, dict) else list(container)
    if hasattr(container, "twin"):
        return bare(container)
    return copy.deepcopy(container) if form == "deepcopy" else pickle.loads(pickle.dumps(container))


def refers(value: Any) -> bool:
    """Tell whether there is a reference in a value."""
    if isinstance(value, dict):
        return any(map(refers, value.values()))
    return isinstance(value, Reference) or (isinstance(value, list | tuple) and any(map(refers, value)))


KEYS = ["a", "b", "c", 'é."x']

atoms = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        2,
        0.0,
        -0.0,
        1.0,
        0.1,
        1e16,
        2**53 + 1,
        -(2**64),
        "",
        "a",
        "1",
        "ж😀",
        "e+'\"\\",
    ]
)
keys = st.sampled_from(KEYS)
unfit = st.sampled_from([float("nan"), float("-inf"), "\ud800", {1: 2}, {None: 1}, {"\udfff": 0}])


def _containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(children, max_size=3) | st.dictionaries(keys, children, max_size=3)


documents = _containers(atoms | _containers(atoms | _containers(atoms)))
"""Plain documents of up to three levels."""

rich_documents = st.sampled_from(
    [
        {
            "a": [1, {"b": [], "c": {"a": "x"}}, [2, [3, {"a": 1}]], "b"],
            "b": {"a": {"a": {}}, "c": [{}, {}, {}]},
            "c": None,
        },
        {"a": {"a": 1, "b": [3, 1, 2]}, "b": [{"a": [1]}, {"a": [2]}, {"a": [1]}], "c": [["b"], ["a"]]},
        [{"a": {"b": {"c": [1, 2, 3]}}, "b": []}, [[1], [2], [1], []], "c", {"c": {"c": 0.5}}],
        [3, 2, 1, [True, 1, 1.0], {"a": [], "b": {}, "c": [[]]}],
    ]
)
"""Plain documents in which every mutator finds something to change."""

references = st.builds(
    Reference,
    st.integers(0, 5),
    st.sampled_from(["itself", "itself", "itself", "copy", "deepcopy", "pickle"]),
)
fresh = atoms | _containers(atoms) | documents
"""Values with no reference."""

given_values = fresh | references | _containers(references | atoms)
"""Values to put in: plain ones, held containers, and plain ones around held containers."""

_unfit_values = unfit | st.builds(lambda bad, deep: [[1], {"k": bad}] if deep else bad, unfit, st.booleans())
values = st.integers(0, 24).flatmap(lambda n: _unfit_values if n == 0 else given_values)
"""Values to put in, of which one in twenty-five is not JSON."""

_indexes = st.integers(-3, 4)
_ends = st.none() | st.integers(-4, 5)
slices = st.builds(slice, _ends, _ends, st.sampled_from([None, None, None, 1, 2, -1, -2, 0]))


def _failing(items: Sequence[Any]) -> Iterator[Any]:
    yield from items
    raise Broken


def _pairs(names: Sequence[str], items: Sequence[Any]) -> list[tuple[str, Any]]:
    return list(zip(names, items, strict=False))


def _ior(container: Any, other: Any) -> None:
    container |= other


def _iadd(container: Any, other: Any) -> None:
    container += other


def _imul(container: Any, times: Any) -> None:
    container *= times


def _set(container: Any, step: Any, value: Any) -> None:
    container[step] = value


def _delete(container: Any, step: Any) -> None:
    del container[step]


def _sort(container: Any, key: Callable[[Any], Any] | None, reverse: bool) -> None:
    container.sort(key=None if key is None else lambda element: key(reveal(element)), reverse=reverse)


def _failing_key(calls: int) -> Callable[[Any], Any]:
    left = [calls]

    def key(value: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Broken
        return repr(bare(value))

    return key


def _by_text(value: Any) -> str:
    return repr(bare(value))


@st.composite
def dict_mutations(draw: st.DrawFn, value: st.SearchStrategy[Any] = values) -> Mutation:
    """Draw a change of an object."""
    return draw(st.sampled_from(_DICT_KINDS))(draw, value)


@st.composite
def list_mutations(draw: st.DrawFn, value: st.SearchStrategy[Any] = values) -> Mutation:
    """Draw a change of an array."""
    return draw(st.sampled_from(_LIST_KINDS))(draw, value)


def mutations(kind: type, value: st.SearchStrategy[Any] = values) -> st.SearchStrategy[Mutation]:
    """Return the changes of a built-in container type."""
    return dict_mutations(value) if kind is dict else list_mutations(value)


Kind = Callable[[st.DrawFn, st.SearchStrategy[Any]], Mutation]


def _dict_set(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    key, item = (
        draw(st.integers(0, 30).flatmap(lambda n: st.sampled_from([5, "\ud800"]) if n == 0 else keys)),
        draw(value),
    )
    return Mutation(dict, "__setitem__", f"[{key!r}] = {item!r}", lambda d, v: _set(d, key, v[0]), (item,))


def _dict_delete(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    key = draw(keys)
    return Mutation(dict, "__delitem__", f"del [{key!r}]", lambda d, v: _delete(d, key))


def _dict_pop(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    key = draw(keys)
    if draw(st.booleans()):
        return Mutation(dict, "pop", f".pop({key!r}, None)", lambda d, v: d.pop(key, None))
    return Mutation(dict, "pop", f".pop({key!r})", lambda d, v: d.pop(key))


def _dict_popitem(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    return Mutation(dict, "popitem", ".popitem()", lambda d, v: d.popitem())


def _dict_clear(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    return Mutation(dict, "clear", ".clear()", lambda d, v: d.clear())


def _dict_setdefault(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    key, item = draw(keys), draw(value)
    text = f".setdefault({key!r}, {item!r})"
    return Mutation(dict, "setdefault", text, lambda d, v: d.setdefault(key, v[0]), (item,))


def _dict_update(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    names = draw(st.lists(keys, max_size=3, unique=True))
    items = tuple(draw(value) for _ in names)
    shown = ", ".join(f"{name!r}: {item!r}" for name, item in zip(names, items, strict=True))
    method, text, run = draw(
        st.sampled_from(
            [
                ("update", ".update({%s})", lambda d, v: d.update(dict(_pairs(names, v)))),
                ("update", ".update([%s])", lambda d, v: d.update(_pairs(names, v))),
                ("update", ".update(iter([%s]))", lambda d, v: d.update(iter(_pairs(names, v)))),
                ("update", ".update(**{%s})", lambda d, v: d.update(**dict(_pairs(names, v)))),
                ("update", ".update([{%s}, and raises])", lambda d, v: d.update(_failing(_pairs(names, v)))),
                ("update", ".update(5)", lambda d, v: d.update(5)),
                ("__ior__", " |= {%s}", lambda d, v: _ior(d, dict(_pairs(names, v)))),
                ("__ior__", " |= [%s]", lambda d, v: _ior(d, _pairs(names, v))),
                ("__ior__", " |= [%s, and raises]", lambda d, v: _ior(d, _failing(_pairs(names, v)))),
                ("__init__", ".__init__({%s})", lambda d, v: d.__init__(dict(_pairs(names, v)))),
            ]
        )
    )
    return Mutation(dict, method, text % shown if "%" in text else text, run, items)


def _list_set(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    index, item = draw(_indexes), draw(value)
    return Mutation(list, "__setitem__", f"[{index}] = {item!r}", lambda c, v: _set(c, index, v[0]), (item,))


_SLICE_FORMS: list[tuple[str, Callable[[Sequence[Any]], Any]]] = [
    ("%s", list),
    ("iter(%s)", iter),
    ("%s, and raises", _failing),
    ("tuple(%s)", tuple),
]


def _list_set_slice(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    where, items = draw(slices), tuple(draw(st.lists(value, max_size=3)))
    form, wrap = draw(st.sampled_from(_SLICE_FORMS))
    text = f"[{where}] = {form % list(items)}"
    return Mutation(list, "__setitem__", text, lambda c, v: _set(c, where, wrap(v)), items)


def _list_delete(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    where: Any = draw(_indexes | slices)
    return Mutation(list, "__delitem__", f"del [{where}]", lambda c, v: _delete(c, where))


def _list_append(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    item = draw(value)
    return Mutation(list, "append", f".append({item!r})", lambda c, v: c.append(v[0]), (item,))


def _list_insert(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    index, item = draw(_indexes), draw(value)
    return Mutation(
        list, "insert", f".insert({index}, {item!r})", lambda c, v: c.insert(index, v[0]), (item,)
    )


def _list_extend(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    items = tuple(draw(st.lists(value, max_size=3)))
    method, text, run = draw(
        st.sampled_from(
            [
                ("extend", ".extend(%s)", lambda c, v: c.extend(list(v))),
                ("extend", ".extend(iter(%s))", lambda c, v: c.extend(iter(v))),
                ("extend", ".extend(%s, and raises)", lambda c, v: c.extend(_failing(v))),
                ("extend", ".extend(itself)", lambda c, v: c.extend(c)),
                ("extend", ".extend(None)", lambda c, v: c.extend(None)),
                ("__iadd__", " += %s", lambda c, v: _iadd(c, list(v))),
                ("__iadd__", " += iter(%s)", lambda c, v: _iadd(c, iter(v))),
                ("__iadd__", " += (%s, and raises)", lambda c, v: _iadd(c, _failing(v))),
                ("__init__", ".__init__(%s)", lambda c, v: c.__init__(list(v))),
            ]
        )
    )
    return Mutation(list, method, text % list(items) if "%" in text else text, run, items)


def _list_times(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    times: Any = draw(st.sampled_from([-1, 0, 1, 2, 2, 3, "2", 1.0]))
    return Mutation(list, "__imul__", f" *= {times!r}", lambda c, v: _imul(c, times))


def _list_pop(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    index = draw(_indexes)
    if index == 4:
        return Mutation(list, "pop", ".pop()", lambda c, v: c.pop())
    return Mutation(list, "pop", f".pop({index})", lambda c, v: c.pop(index))


def _list_remove(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    item = draw(fresh)
    return Mutation(list, "remove", f".remove({item!r})", lambda c, v: c.remove(v[0]), (item,))


def _list_remove_element(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    index = draw(_indexes)
    return Mutation(list, "remove", f".remove(itself[{index}])", lambda c, v: c.remove(c[index]))


def _list_reverse(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    return Mutation(list, "reverse", ".reverse()", lambda c, v: c.reverse())


def _list_clear(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    return Mutation(list, "clear", ".clear()", lambda c, v: c.clear())


def _list_sort(draw: st.DrawFn, value: st.SearchStrategy[Any]) -> Mutation:
    reverse = draw(st.booleans())
    calls = draw(st.sampled_from([None, None, None, 0, 1]))
    if calls is not None:
        return Mutation(
            list,
            "sort",
            f".sort(key raises after {calls})",
            lambda c, v: _sort(c, _failing_key(calls), reverse),
        )
    key = draw(st.sampled_from([_by_text, None]))
    text = f".sort(key={'repr' if key else None}, reverse={reverse})"
    return Mutation(list, "sort", text, lambda c, v: _sort(c, key, reverse))


_DICT_KINDS: list[Kind] = [
    _dict_set,
    _dict_set,
    _dict_delete,
    _dict_pop,
    _dict_popitem,
    _dict_clear,
    _dict_setdefault,
    _dict_update,
    _dict_update,
]
_LIST_KINDS: list[Kind] = [
    _list_set,
    _list_set_slice,
    _list_delete,
    _list_append,
    _list_append,
    _list_insert,
    _list_extend,
    _list_extend,
    _list_times,
    _list_pop,
    _list_remove,
    _list_remove_element,
    _list_reverse,
    _list_clear,
    _list_sort,
]
