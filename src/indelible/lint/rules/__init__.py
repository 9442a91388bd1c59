"""The rules, one file each: docstring, messages, and good and bad examples that are the tests and the docs."""

from __future__ import annotations

from indelible.lint.rules import ind101, ind102, ind103, ind104, ind105, ind201, ind301
from indelible.lint.rules.rule import Rule

RULES: dict[str, Rule] = {
    module.RULE.code: module.RULE for module in (ind101, ind102, ind103, ind104, ind105, ind201, ind301)
}
"""Every rule by its code."""

__all__ = ["RULES", "Rule"]
