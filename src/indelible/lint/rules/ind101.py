"""IND101: an in-place change that is never marked."""

from indelible.lint.rules.rule import Invalid, Rule

RULE = Rule(
    code="IND101",
    title="a JSON column is changed in place and never marked",
    explanation="""\
SQLAlchemy sees that an attribute is assigned. It does not see that the dictionary or list in it was changed: at the
next flush nothing looks different, and no UPDATE is sent. The change lives until the row is loaded again.

Found through any chain: aliases (`d = row.c or {}`), nested containers, loop variables, `self`, helper functions.""",
    template="`{place}` ({type}, {declared}) is changed in place and never marked: the change is not saved.",
    fix='declare the column `Document`, or call flag_modified({receiver}, "{attribute}") before the commit',
    valid=(
        """\
def note(session: Session, key: str, text: str) -> None:
    script = session.get(Script, 1)
    script.notes[key] = text
    flag_modified(script, "notes")
    session.commit()
""",
        """\
def note(session: Session, key: str, text: str) -> None:
    script = session.get(Script, 1)
    script.notes = {**script.notes, key: text}
    session.commit()
""",
        """\
def start(session: Session) -> None:
    script = Script(notes={})
    script.notes["first"] = "written before the first flush"
    session.add(script)
    session.commit()
""",
    ),
    invalid=(
        Invalid(
            """\
def note(session: Session, key: str, text: str) -> None:
    script = session.get(Script, 1)
    script.notes[key] = text  # <- IND101
    session.commit()
""",
            """\
def note(session: Session, key: str, text: str) -> None:
    script = session.get(Script, 1)
    script.notes[key] = text  # <- IND101
    flag_modified(script, "notes")
    session.commit()
""",
        ),
        Invalid(
            """\
def forget(session: Session) -> None:
    for script in session.query(Script).all():
        for key in list(script.notes):
            del script.notes[key]  # <- IND101
    session.commit()
""",
        ),
        Invalid(
            """\
def note(session: Session, script: Script, text: str) -> None:
    notes = script.notes or {}
    notes.setdefault("texts", []).append(text)  # <- IND101
    session.commit()
""",
        ),
    ),
)
