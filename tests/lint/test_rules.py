"""The examples of each rule are found, or not, as they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from indelible.lint.rules import RULES
from indelible.lint.rules.pages import reference
from indelible.lint.rules.rule import MODELS
from tests.lint.programs import expected, places, shown, write

VALID = [(code, number) for code, rule in RULES.items() for number in range(len(rule.valid))]
INVALID = [(code, number) for code, rule in RULES.items() for number in range(len(rule.invalid))]


@pytest.mark.parametrize(("code", "number"), VALID)
def test_good_examples_are_left_alone(tmp_path: Path, code: str, number: int) -> None:
    """Nothing is found in a rule's good examples, not even by `--strict`."""
    write(tmp_path, example=MODELS + RULES[code].valid[number])
    assert shown(tmp_path, strict=True) == []


@pytest.mark.parametrize(("code", "number"), INVALID)
def test_bad_examples_are_found(tmp_path: Path, code: str, number: int) -> None:
    """Exactly the marked lines of a rule's bad examples are found."""
    write(tmp_path, example=MODELS + RULES[code].invalid[number].code)
    assert expected(tmp_path)
    assert places(shown(tmp_path)) == expected(tmp_path)


def test_the_reference_is_up_to_date() -> None:
    """`docs/reference/rules.md` is what `python -m indelible.lint.rules.pages` writes."""
    written = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"
    assert written.read_text() == reference(RULES.values())
