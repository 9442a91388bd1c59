"""The public cases of RFC 6902, each by one UPDATE of a stored document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from indelible import JSONPatchFailed, edit
from indelible.changes.values import same
from tests.database.rows import Row
from tests.database.stores import Store
from tests.unit.test_json_patch_cases import CASES


def _store(connection: Any, document: Any) -> None:
    connection.execute(delete(Row))
    connection.execute(insert(Row).values(id=1, title="", doc=document))


def _patch(connection: Any, patch: Any) -> Any:
    with connection.begin_nested():
        connection.execute(update(Row).values(doc=edit(Row.doc).json_patch(patch)))
    return connection.execute(select(Row.doc)).scalar_one()


@pytest.mark.skipif(not CASES, reason="the public RFC 6902 cases are not beside the checkout")
def test_each_public_case_holds_for_a_stored_document(any_store: Store) -> None:
    """Right patches give the expected document; wrong ones are refused whole, as the pure engine refuses them."""
    with any_store.engine.connect() as connection:
        for each in CASES:
            case = each.values[0]
            document = case["doc"]
            _store(connection, document)
            if "error" in case:
                with pytest.raises(JSONPatchFailed) as caught:
                    _patch(connection, case["patch"])
                assert caught.value.index is not None
                assert same(connection.execute(select(Row.doc)).scalar_one(), document), each.id
            else:
                found = _patch(connection, json.dumps(case["patch"]))
                assert same(found, case["expected"]), (each.id, found)
