"""IND102: the same object, or an equal one, assigned back."""

from indelible.lint.rules.rule import Invalid, Rule

RULE = Rule(
    code="IND102",
    title="the changed object itself, or an equal copy, is assigned back",
    explanation="""\
Assigning to an attribute the very object that it holds is no change for SQLAlchemy. Assigning a copy made *after* the
change is none either: SQLAlchemy compares the copy with the old value, which is the object that was changed in place,
and finds them equal.""",
    template="`{place}` ({type}, {declared}) is changed in place, and assigned the same object, or an equal copy: the "
    "change is not saved.",
    fix='copy before the change, declare the column `Document`, or call flag_modified({receiver}, "{attribute}")',
    valid=(
        """\
def note(session: Session, script: Script, key: str, text: str) -> None:
    notes = dict(script.notes or {})
    notes[key] = text
    script.notes = notes
    session.commit()
""",
    ),
    invalid=(
        Invalid(
            """\
def note(session: Session, script: Script, key: str, text: str) -> None:
    notes = script.notes or {}
    notes[key] = text  # <- IND102
    script.notes = notes
    session.commit()
""",
            """\
def note(session: Session, script: Script, key: str, text: str) -> None:
    notes = script.notes or {}
    notes[key] = text  # <- IND102
    script.notes = notes
    flag_modified(script, "notes")
    session.commit()
""",
        ),
        Invalid(
            """\
def note(session: Session, script: Script, key: str, text: str) -> None:
    script.notes[key] = text  # <- IND102
    script.notes = dict(script.notes)
    session.commit()
""",
        ),
        Invalid(
            """\
def add(script: Script, key: str, text: str) -> dict:
    notes = script.notes or {}
    notes[key] = text  # <- IND102
    return {"notes": notes}


def note(session: Session, script: Script, key: str, text: str) -> None:
    result = add(script, key, text)
    script.notes = result["notes"]
    session.commit()
""",
        ),
    ),
)
