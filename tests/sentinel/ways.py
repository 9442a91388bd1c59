"""Ways of changing a JSON value, as lines of a program: how it gets at a container, times how it changes it.

A line that ends in `#!` makes the change. Whether the change is lost is not written here: the program is run, and plain
SQL says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OBJECT: dict[str, Any] = {"a": 1, "b": {"x": [1]}, "c": [1, {"y": 2}], "d": None}
ARRAY: list[Any] = [3, 1, [2], {"y": 1}, 2, "last"]

# By the method that does it; `c` is the container.
DICT_CHANGES: dict[str, list[str]] = {
    "__setitem__": ["c['new'] = 1", "c['a'] = True", "c['a'] = 1.0", "c['a'] = {'n': [1]}",
                    "c['b'], c['c'] = c['c'], c['b']"],
    "__delitem__": ["del c['b']"],
    "__ior__": ["c |= {'a': [1], 'n': {'m': 1}}", "c |= [('a', [1])]"],
    "__init__": ["c.__init__({'n': 1})"],
    "clear": ["c.clear()"],
    "pop": ["c.pop('a')", "c.pop('c', None)", "c['renamed'] = c.pop('b')"],
    "popitem": ["c.popitem()"],
    "setdefault": ["c.setdefault('new')", "c.setdefault('new', {'n': 1})", "c.setdefault('new', []).append(1)",
                   "c.setdefault('c', []).append(1)", "c.setdefault('p', {}).setdefault('q', {})['r'] = 1"],
    "update": ["c.update({'a': 5, 'n': [1]})", "c.update(a={'n': 1})", "c.update([('a', None), ('n', [1])])",
               "c.update((key, [key]) for key in 'ax')"],
    "": ["c['b']['x'] = 2", "c['c'].append(3)", "c['b']['x'][0] = 5", "c['b']['x'] += [2]", "c['c'][1]['y'] += 1",
         "[value.clear() for value in c.values() if value and not isinstance(value, int)]",
         "next(iter(c['c'][1:]))['y'] = 9"],
}  # fmt: skip
LIST_CHANGES: dict[str, list[str]] = {
    "__setitem__": ["c[0] = 'x'", "c[-1] = {'n': [1]}", "c[1:3] = [[7], {'s': 1}, 8]", "c[::2] = [[1], 2, {'t': 3}]",
                    "c[:] = ({'i': i} for i in range(2))", "c[:] = list(reversed(c))", "c[2], c[3] = c[3], c[2]",
                    "random.Random(7).shuffle(c)", "c[:0] = [0]"],
    "__delitem__": ["del c[0]", "del c[1:3]", "del c[::2]"],
    "__iadd__": ["c += [[1], {'n': 1}]", "c += (i for i in 'xy')", "operator.iadd(c, [1])"],
    "__imul__": ["c *= 2", "c *= 0"],
    "__init__": ["c.__init__([1, [2]])"],
    "append": ["c.append(1)", "c.append({'n': [1]})", "[c.append(i) for i in range(3)]"],
    "clear": ["c.clear()"],
    "extend": ["c.extend([[1], {'n': 2}])", "c.extend(i for i in 'xy')"],
    "insert": ["c.insert(0, 'x')", "c.insert(-1, {'n': 1})", "bisect.insort(c, 'x', lo=5)"],
    "pop": ["c.pop()", "c.pop(0)", "c.insert(0, c.pop(3))"],
    "remove": ["c.remove(1)", "c.remove({'y': 1})"],
    "reverse": ["c.reverse()"],
    "sort": ["c.sort(key=repr)", "c.sort(key=repr, reverse=True)"],
    "": ["c[3]['y'] = 2", "c[2].append(3)", "c[2][0] += 1", "c[-3] |= {'z': 1}"],
}  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """How a program gets at the container `c`; `{at}` is the attribute, `{target}` the container's literal."""

    lines: tuple[str, ...]
    document: str = "{{'k': {target}, 'other': [1]}}"


_ROW = "row = session.get_one(Row, 1)"
_FIND = "c = row.{at}['k']"
_DEEP = "{{'p': [{{'q': {{'r': [0, {target}]}}}}], 'other': {{}}}}"

REACHES: dict[str, Reach] = {
    "the value": Reach((_ROW, "c = row.{at}"), "{target}"),
    "a key": Reach((_ROW, _FIND)),
    "deep": Reach((_ROW, "c = row.{at}['p'][0]['q']['r'][1]"), _DEEP),
    "get": Reach((_ROW, "c = row.{at}.get('k', {{}})")),
    "setdefault": Reach((_ROW, "c = row.{at}.setdefault('k', None)")),
    "a child that outlives its row": Reach(
        ("c = session.get_one(Row, 1).{at}['p'][0]['q']['r'][1]", "gc.collect(0)"), _DEEP
    ),
    "a loop": Reach((_ROW, "for c in row.{at}['items']:", "    pass"), "{{'items': [1, {target}]}}"),
    "values": Reach(
        (_ROW, "c = [v for v in row.{at}['items'].values() if v][-1]"),
        "{{'items': {{'a': 0, 'b': {target}}}}}",
    ),
    "match": Reach((_ROW, "match row.{at}:", "    case {{'k': c}}:", "        pass")),
    "unpacking": Reach((_ROW, "*_, c = row.{at}['items']"), "{{'items': [1, {target}]}}"),
    "a shallow copy": Reach((_ROW, "c = {{**row.{at}}}['k']")),
    "a slice": Reach((_ROW, "c = row.{at}['items'][1:][0]"), "{{'items': [1, {target}]}}"),
    "or": Reach((_ROW, "c = (row.{at} or {{}})['k']")),
    "a select": Reach(("row = session.scalars(select(Row)).one()", _FIND)),
    "after a saved change": Reach(
        (_ROW, "row.{at}['also'] = 1", "flag_modified(row, '{at}')", "session.flush()", _FIND)
    ),
    "after a commit": Reach((_ROW, "row.{at}", "session.commit()", _FIND)),
    "read before a flush": Reach((_ROW, _FIND, "session.flush()")),
    "after a refresh": Reach((_ROW, "row.{at}", "session.refresh(row)", _FIND)),
    "after an expire": Reach((_ROW, "row.{at}", "session.expire(row)", _FIND)),
    "after a savepoint": Reach((_ROW, "with session.begin_nested():", "    row.title = 'x'", _FIND)),
    "after a rollback": Reach((_ROW, "row.{at}['k'] = 1", "session.rollback()", _FIND)),
    "a new row, flushed": Reach(
        (
            "session.delete(session.get_one(Row, 1))",
            "session.flush()",
            "row = Row(id=1, **{{'{at}': copy.deepcopy(start)}})",
            "session.add(row)",
            "session.flush()",
            _FIND,
        )
    ),
    "a new row whose value has a name": Reach(
        (
            "session.delete(session.get_one(Row, 1))",
            "session.flush()",
            "value = copy.deepcopy(start)",
            "row = Row(id=1, **{{'{at}': value}})",
            "session.add(row)",
            "session.flush()",
            _FIND,
        )
    ),
    "an assigned value, flushed": Reach(
        (_ROW, "row.{at} = {{'k': {target}, 'y': 1}}", "session.flush()", _FIND)
    ),
    "a detached row, added again": Reach((_ROW, _FIND, "session.expunge(row)", "session.add(row)")),
    "a pickled row": Reach(
        (
            _ROW,
            "row.{at}",
            "session.expunge(row)",
            "row = pickle.loads(pickle.dumps(row))",
            "session.add(row)",
            _FIND,
        )
    ),
    "a deferred column": Reach(
        ("row = session.scalars(select(Row).options(defer(Row.{at}))).one()", _FIND),
    ),
    "populate_existing": Reach(
        (_ROW, "row.{at}", "session.get(Row, 1, populate_existing=True)", _FIND),
    ),
    "another name": Reach((_ROW, "held = [row.{at}['k']]", "c = held[0]")),
    "a default argument": Reach((_ROW, "def change(c=row.{at}['k']):", "    return c", "c = change()")),
}

# Whole programs, each with one kind of change that the above has not.
PROGRAMS: dict[str, str] = {
    "local +=": "row = session.get_one(Row, 1)\nrow.{at}['c'] += [5]  #!",
    "a loop over items": "row = session.get_one(Row, 1)\nfor item in row.{at}['c'][1:]:\n    item['y'] = 5  #!",
    "while": "row = session.get_one(Row, 1)\nwhile len(row.{at}['c']) < 5:\n    row.{at}['c'].append(0)  #!",
    "in a function": "def change(part):\n    part['x'].append(2)  #!\nchange(session.get_one(Row, 1).{at}['b'])",
    "in a class": (
        "class Changer:\n    def __init__(self, row):\n        self.part = row.{at}['b']\n"
        "    def go(self):\n        self.part['x'] = 0  #!\nChanger(session.get_one(Row, 1)).go()"
    ),
    "in a generator": (
        "def steps(part):\n    yield 1\n    part['z'] = 1  #!\n    yield 2\n"
        "row = session.get_one(Row, 1)\nlist(steps(row.{at}['b']))"
    ),
    "in a lambda": "change = lambda d: d.update(z=1)  #!\nchange(session.get_one(Row, 1).{at}['b'])",
    "in a thread": (
        "row = session.get_one(Row, 1)\npart = row.{at}['b']\ndef work():\n    part['z'] = 1  #!\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()"
    ),
    "functools.reduce": (
        "row = session.get_one(Row, 1)\n"
        "functools.reduce(lambda d, key: d.setdefault(key, {{}}), ['p', 'q'], row.{at}['b'])  #!"
    ),
    "map": "row = session.get_one(Row, 1)\nlist(map(row.{at}['c'].append, 'xy'))  #!",
    "a bound method": "add = session.get_one(Row, 1).{at}['c'].append\nadd(7)  #!",
    "operator.setitem": "row = session.get_one(Row, 1)\noperator.setitem(row.{at}['b'], 'z', 1)  #!",
    "several lines": (
        "row = session.get_one(Row, 1)\nrow.{at}['b']['z'] = 1  #!\nrow.{at}['c'].append(4)  #!\n"
        "row.{at}['c'][1]['y'] = 3  #!"
    ),
    "in an except": (
        "row = session.get_one(Row, 1)\ntry:\n    row.{at}['b']['nothing']\nexcept KeyError:\n"
        "    row.{at}['b']['nothing'] = 0  #!"
    ),
    "one statement on many lines": (
        "row = session.get_one(Row, 1)\nrow.{at}['b'].update(  #!\n    one=1,\n    two=2,\n)"
    ),
    "an equal copy, assigned": (
        "row = session.get_one(Row, 1)\nrow.{at}['b']['z'] = 1  #!\nrow.{at} = dict(row.{at})"
    ),
    "a shallow copy, assigned": (
        "row = session.get_one(Row, 1)\nchanged = {{**row.{at}}}\nchanged['b']['z'] = 1  #!\nrow.{at} = changed"
    ),
    "the same object, assigned": (
        "row = session.get_one(Row, 1)\nvalue = row.{at}\nvalue['b']['z'] = 1  #!\nrow.{at} = value"
    ),
    "one change marked, the next not": (
        "row = session.get_one(Row, 1)\nrow.{at}['b']['z'] = 1\nflag_modified(row, '{at}')\nsession.flush()\n"
        "row.{at}['b']['z'] = 2  #!"
    ),
    "a change taken back, and another": (
        "row = session.get_one(Row, 1)\nrow.{at}['c'].append(1)\nrow.{at}['c'].pop()\nrow.{at}['c'].append(2)  #!"
    ),
    "moved": "row = session.get_one(Row, 1)\nrow.{at}['c'].append(row.{at}['b'].pop('x'))  #!",
    "merge of the same row": (
        "row = session.get_one(Row, 1)\nrow.{at}['b']['z'] = 1  #!\nsession.merge(row)"
    ),
    "add again": "row = session.get_one(Row, 1)\nrow.{at}['b']['z'] = 1  #!\nsession.add(row)",
    "expired after a flush": (
        "row = session.get_one(Row, 1)\nrow.{at}['b']['z'] = 1  #!\nsession.flush()\nsession.expire(row)"
    ),
    "other columns change": (
        "row = session.get_one(Row, 1)\nrow.title = 'new'\nrow.{at}['b']['z'] = 1  #!"
    ),
    "a value with a name, flushed": (
        "row = session.get_one(Row, 1)\nvalue = {{'b': {{}}}}\nrow.{at} = value\nsession.flush()\nx = 1\n"
        "value['b']['z'] = x  #!\ny = 2"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A program that changes one value, and the numbers of the lines that do."""

    name: str
    code: str
    start: Any

    @property
    def lines(self) -> set[int]:
        """The lines marked as changing the value."""
        return {number for number, line in enumerate(self.code.splitlines(), 1) if line.endswith("#!")}


def ways(reach_name: str, at: str) -> list[Way]:
    """Return the ways to change the containers that are reached so, in one attribute."""
    reach = REACHES[reach_name]
    found = []
    for target, changes in ((OBJECT, DICT_CHANGES), (ARRAY, LIST_CHANGES)):
        if at == "objects" and reach.document == "{target}" and target is ARRAY:
            continue
        if at == "arrays" and (reach.document != "{target}" or target is OBJECT):
            continue
        start = eval(reach.document.format(target=repr(target)))
        before = [line.format(at=at, target=repr(target)) for line in reach.lines]
        found += [
            Way(f"{reach_name}: {text}", "\n".join([*before, f"{text}  #!"]), start)
            for texts in changes.values()
            for text in texts
        ]
    return found


def programs(at: str) -> list[Way]:
    """Return the programs of their own."""
    return [Way(name, code.format(at=at), OBJECT) for name, code in PROGRAMS.items()]
