"""What a column may say of conflicts."""

from __future__ import annotations

from typing import Any

import pytest

from indelible.changes.policies import Policies


@pytest.mark.parametrize("policy", ["ours", "", None, 1])
def test_a_policy_that_is_none_is_refused(policy: Any) -> None:
    """When the column is declared."""
    with pytest.raises(ValueError, match="is no policy"):
        Policies(on_conflict=policy)
    with pytest.raises(ValueError, match="is no policy"):
        Policies(policies={"a": policy})


def test_a_path_that_is_none_is_refused() -> None:
    """When the column is declared, with what cannot be read."""
    with pytest.raises(ValueError, match="cannot read"):
        Policies(keys={"a[": "id"})
    with pytest.raises(ValueError, match="cannot read"):
        Policies(policies={"a[*": "mine"})
