"""New code is read on an older Python too."""

from __future__ import annotations

from pathlib import Path

import pytest

from indelible.lint.engine import check
from indelible.lint.python312 import without_type_parameters
from tests.lint.programs import HEAD, MODELS, expected, places, shown, write

NEW = """\
type Blocks = list[str]
type Pair[A, B] = tuple[A, B]


class Store[
    T: dict[str, list[int]],
    *Rest,
](object):
    def put[**P](self, session, key: T) -> Pair[int, str]:
        script = session.query(Script).get(key)
        script.blocks.append(0)  # <- IND101
        session.commit()


class Bare[T]:
    async def first[
        K,
    ](self, keys: list[K]):
        type = keys[0]
        return type
"""


def test_new_code_is_read(tmp_path: Path) -> None:
    """A module with type parameters and aliases is no problem, and what it changes is found at its line."""
    write(tmp_path, models=MODELS, code=HEAD + NEW)
    assert check([str(tmp_path)]).problems == {}
    assert places(shown(tmp_path)) == expected(tmp_path)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("type X = int | str", "X = int | str"),
        ("class A[T: B[int]](C[T]):", "class A(C[T]):"),
        ("class A[T]:", "class A():"),
        ("class A[\n    T,\n](C):", "class A(\n\nC):"),
        ("def f[T](x: T) -> T: ...", "def f(x: T) -> T: ..."),
        ("type = x[0]", "type = x[0]"),
        ("def f[", "def f["),
    ],
)
def test_type_parameters_go(new: str, old: str) -> None:
    """Type parameters are left out, and lines stay where they are; what is none stays."""
    assert without_type_parameters(new) == old
