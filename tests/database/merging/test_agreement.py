"""Contract 6: pure merge, SQLite and PostgreSQL agree on generated cases, by each of two ways."""

from __future__ import annotations

import time
from collections import Counter
from itertools import islice

import pytest

from tests.database.merging.agreement import compare
from tests.database.stores import Store
from tests.unit.writers import cases

_IN_ONE_GO = 100


@pytest.mark.timeout(3600)
def test_databases_agree_with_the_pure_merge(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Contract 6 and 5: two sessions store the same, or have the same conflict; one UPDATE where all guards hold.

    Runs 300 cases, or as many as INDELIBLE_CASES says, from INDELIBLE_SEED on.
    """
    seen: Counter[str] = Counter()
    began = time.process_time()
    seeds = cases(300)
    rest = iter(seeds)
    while some := list(islice(rest, _IN_ONE_GO)):
        seen += compare(store, some)
    rate = len(seeds) / (time.process_time() - began)
    with capsys.disabled():
        print(f"\n{store.driver.name}: {seeds}, {dict(seen)}, {rate:.0f} cases a second of CPU")  # noqa: T201
    assert seen["fast"] > len(seeds) // 2
    assert min(seen["slow"], seen["conflicts"]) > len(seeds) // 50
