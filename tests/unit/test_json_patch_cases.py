"""The public cases of RFC 6902 (github.com/json-patch/json-patch-tests), which are kept beside the checkout.

Cases that are disabled there are left out; what they are about is in `test_json_patch.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from indelible import JSONPatchFailed, apply_json_patch, from_json_patch, to_json_patch
from indelible.changes.deltas import apply
from indelible.changes.values import plain, same
from tests.unit.sheets import Sheet

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "json-patch-tests"
FILES = ("spec_tests.json", "tests.json")


def _cases() -> list[Any]:
    return [
        pytest.param(
            case, id=f"{name.removesuffix('.json')}-{number}-{case.get('comment', 'without comment')}"
        )
        for name in FILES
        if (FOLDER / name).exists()
        for number, case in enumerate(json.loads((FOLDER / name).read_text()))
        if not case.get("disabled")
    ]


CASES = _cases()
right = pytest.mark.parametrize("case", [each for each in CASES if "error" not in each.values[0]])
wrong = pytest.mark.parametrize("case", [each for each in CASES if "error" in each.values[0]])


def test_the_cases_are_here() -> None:
    """Both files of public cases are beside the checkout; in CI they must be."""
    missing = [name for name in FILES if not (FOLDER / name).exists()]
    if missing and not os.environ.get("CI"):
        pytest.skip(
            f"the public RFC 6902 cases are not beside the checkout: {', '.join(missing)} in {FOLDER}"
        )
    assert not missing
    assert len(CASES) > 100


@right
def test_a_patch_makes_the_expected_document(case: dict[str, Any]) -> None:
    """As a list of operations and as text; at once, in place, and as a delta that is applied."""
    document, patch, expected = case["doc"], case["patch"], case["expected"]
    before = plain(document)
    assert same(apply_json_patch(document, patch), expected)
    assert same(apply_json_patch(document, json.dumps(patch)), expected)
    assert same(apply(from_json_patch(patch, document), document), expected)
    assert same(document, before)
    if isinstance(document, dict | list) and isinstance(expected, type(document)):
        tracked = Sheet(document).root
        assert apply_json_patch(tracked, patch, in_place=True) is tracked
        assert same(tracked, expected)


@right
def test_its_delta_is_a_patch_again(case: dict[str, Any]) -> None:
    """What a patch changes can be sent on as a patch, with tests too, and `jsonpatch` makes the same document of it."""
    document = case["doc"]
    delta = from_json_patch(case["patch"], document)
    for tests in (False, True):
        again = to_json_patch(delta, document, tests=tests)
        assert same(jsonpatch.apply_patch(document, again), case["expected"])


@wrong
def test_a_wrong_patch_is_refused_whole(case: dict[str, Any]) -> None:
    """The error names the operation, and the document stays as it is, also one that would be changed in place."""
    document, patch = case["doc"], case["patch"]
    sheet = Sheet(document)
    for refuse in (
        lambda: from_json_patch(patch, document),
        lambda: apply_json_patch(document, json.dumps(patch)),
        lambda: apply_json_patch(sheet.root, patch, in_place=True),
    ):
        with pytest.raises(JSONPatchFailed) as caught:
            refuse()
        assert caught.value.index is not None
        assert caught.value.op in ("", patch[caught.value.index].get("op"))
    assert same(document, sheet.baseline)
    assert sheet.delta() == ()
    assert sheet.marked == 0
