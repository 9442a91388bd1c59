"""IND105: some changes of a column are marked, this one is not."""

from indelible.lint.rules.rule import Invalid, Rule

RULE = Rule(
    code="IND105",
    title="some changes of this column are marked, this one is not",
    explanation="""\
Elsewhere the same column is marked with `flag_modified`, so that somebody knew that it has to be. This place was
forgotten. It is IND101 with a witness.""",
    template="`{place}` ({type}, {declared}) is marked with flag_modified elsewhere, but not here: the change is "
    "not saved.",
    fix='declare the column `Document`, or call flag_modified({receiver}, "{attribute}") here too',
    valid=(
        """\
def first(session: Session, script: Script) -> None:
    script.notes["first"] = "marked"
    flag_modified(script, "notes")
    session.commit()


def second(session: Session, script: Script) -> None:
    script.notes["second"] = "marked too"
    flag_modified(script, "notes")
    session.commit()
""",
    ),
    invalid=(
        Invalid(
            """\
def first(session: Session, script: Script) -> None:
    script.notes["first"] = "marked"
    flag_modified(script, "notes")
    session.commit()


def second(session: Session, script: Script) -> None:
    script.notes["second"] = "forgotten"  # <- IND105
    session.commit()
""",
            """\
def first(session: Session, script: Script) -> None:
    script.notes["first"] = "marked"
    flag_modified(script, "notes")
    session.commit()


def second(session: Session, script: Script) -> None:
    script.notes["second"] = "forgotten"  # <- IND105
    flag_modified(script, "notes")
    session.commit()
""",
        ),
    ),
)
