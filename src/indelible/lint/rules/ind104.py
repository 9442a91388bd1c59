"""IND104: a shallow copy, changed below its top level, assigned back."""

from indelible.lint.rules.rule import Invalid, Rule

RULE = Rule(
    code="IND104",
    title="a shallow copy is changed below its top level and assigned back",
    explanation="""\
`dict(row.c)`, `list(row.c)`, `{**row.c}` and `row.c.copy()` share their elements with the stored value. A change inside
an element changes both, so that old and new are equal when SQLAlchemy compares them. It is saved only if the top level
of the copy differs as well.""",
    template="`{place}` ({type}, {declared}) gets a shallow copy whose nested values were changed in place: old and "
    "new are equal, the change is not saved.",
    fix="copy with copy.deepcopy, or declare the column `Document`",
    valid=(
        """\
import copy


def note(session: Session, script: Script, text: str) -> None:
    notes = copy.deepcopy(script.notes)
    notes["scenes"]["first"] = text
    script.notes = notes
    session.commit()
""",
        """\
def note(session: Session, script: Script, text: str) -> None:
    notes = dict(script.notes)
    notes["scenes"] = {**notes["scenes"], "first": text}
    script.notes = notes
    session.commit()
""",
    ),
    invalid=(
        Invalid(
            """\
def note(session: Session, script: Script, text: str) -> None:
    notes = dict(script.notes)
    notes["scenes"]["first"] = text  # <- IND104
    script.notes = notes
    session.commit()
""",
            """\
def note(session: Session, script: Script, text: str) -> None:
    notes = dict(script.notes)
    notes["scenes"]["first"] = text  # <- IND104
    script.notes = notes
    flag_modified(script, "notes")
    session.commit()
""",
        ),
    ),
)
