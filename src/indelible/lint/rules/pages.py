"""The documentation of the rules, made from the rules."""

from __future__ import annotations

from collections.abc import Iterable

from indelible.lint.rules.rule import Rule


def page(rule: Rule) -> str:
    """Return a rule's page in Markdown."""
    parts = [f"## {rule.code}: {rule.title}", rule.explanation]
    for example in rule.invalid:
        parts.extend(["Found:", _code(example.code)])
    for valid in rule.valid:
        parts.extend(["Right:", _code(valid)])
    parts.append("Fix: " + rule.fix.format(receiver="row", attribute="column") + ".")
    return "\n\n".join(parts) + "\n"


def _code(code: str) -> str:
    # `py` and not `python`, which the docs' tests would run: the examples are tests of their own.
    return f"```py\n{code.rstrip()}\n```"


def reference(rules: Iterable[Rule]) -> str:
    """Return the page of all rules, `docs/reference/rules.md`."""
    head = (
        "# Rules of `indelible check`\n\nMade from the rules by `python -m indelible.lint.rules.pages`; a test says "
        "when it is out of date.\n\nThe examples use a model `Script` with `notes` (`JSON`) and `settings` "
        "(`MutableDict.as_mutable(JSON)`).\n"
    )
    return "\n".join([head, *(page(rule) for rule in rules)])


if __name__ == "__main__":
    import sys

    from indelible.lint.rules import RULES

    sys.stdout.write(reference(RULES.values()))
