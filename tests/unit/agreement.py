"""Comparisons of tracked containers with the model's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from indelible import NotJSON
from tests.unit import model
from tests.unit.model import Node, bare, identical


def outcome(action: Callable[[], Any]) -> tuple[Exception | None, Any]:
    try:
        return None, action()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared with what Python raises
        return error, None


def compare_outcomes(
    error: Exception | None, result: Any, expected_error: Exception | None, expected: Any, *, fit: bool
) -> None:
    if isinstance(expected_error, model.Refused):
        assert isinstance(error, NotJSON), f"must raise NotJSON, not {error!r}"
    elif expected_error is not None:
        assert type(error) is type(expected_error) or (isinstance(error, NotJSON) and not fit), (
            f"must raise {expected_error!r}, not {error!r}"
        )
    else:
        if error is not None:
            raise AssertionError(f"must work, but raises {error!r}") from error
        assert identical(bare(result), bare(expected)), (
            f"must return {bare(expected)!r}, not {bare(result)!r}"
        )


def within(name: str, real: Any, node: Any, kind: Any) -> Iterator[tuple[str, Any, Node]]:
    if not model.is_node(node):
        return
    if isinstance(node, kind):
        yield name, real, node
    for step, item in model.members(node):
        with suppress(LookupError):  # another check tells of the difference
            yield from within(f"{name}[{step!r}]", real[step], item, kind)


def agree(real: Any, node: Any, name: str, places: dict[int, Any]) -> None:
    if not model.is_node(node):
        assert identical(real, node), f"{name} is {real!r}, must be {node!r}"
        return
    assert identical(bare(real), bare(node), ordered=True), (
        f"{name} is {bare(real)!r}, must be {bare(node)!r}"
    )
    places[id(node)] = real
    for step, item in model.members(node):
        if model.is_node(item):
            agree(real[step], item, f"{name}[{step!r}]", places)
