"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indelible.lint.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Invalid:
    """Code that the rule finds fault with, on the lines that end with `# <- IND…`, and that code with `--fix=flag`."""

    code: str
    fixed: str = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `explanation` is its page; `template` its message.

    The template's fields are `place` (`script.data`), `type`, `declared` (file and line), `how` and `receiver`,
    `attribute`.
    """

    code: str
    title: str
    explanation: str
    template: str
    fix: str
    valid: tuple[str, ...]
    invalid: tuple[Invalid, ...]
    advice: bool = False

    def explain(self, verdict: Verdict) -> tuple[str, str]:
        """Return the message and the fix for a change."""
        place = f"{verdict.receiver}.{verdict.attribute}" if verdict.receiver else verdict.attribute
        fields: Mapping[str, str] = {
            "place": place,
            "type": verdict.type_name,
            "declared": f"{verdict.column_path}:{verdict.column_line}",
            "how": verdict.how,
            "receiver": verdict.receiver or "row",
            "attribute": verdict.attribute,
        }
        fix = _LOAD_THE_ROW if verdict.loose else self.fix.format(**fields)
        return self.template.format(**fields), fix


_LOAD_THE_ROW = (
    "load the row itself: what a query for single columns gives belongs to no row that could be written"
)
Explain = Callable[[Verdict], tuple[str, str]]

MODELS = """\
from sqlalchemy import JSON
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified


class Base(DeclarativeBase):
    pass


class Script(Base):
    __tablename__ = "scripts"
    id: Mapped[int] = mapped_column(primary_key=True)
    notes: Mapped[dict] = mapped_column(JSON, default=dict)
    settings: Mapped[dict] = mapped_column(MutableDict.as_mutable(JSON), default=dict)


"""
"""What the examples begin with."""
