"""IND103: a nested change under a tracker of one level."""

from indelible.lint.rules.rule import Invalid, Rule

RULE = Rule(
    code="IND103",
    title="a nested change under `MutableDict` or `MutableList`",
    explanation="""\
`MutableDict` and `MutableList` notice changes of themselves, not of the dictionaries and lists in them.""",
    template="`{place}` ({type}, {declared}) is tracked one level deep, and is changed deeper: the change "
    "is not saved.",
    fix='declare the column `Document`, or call flag_modified({receiver}, "{attribute}") before the commit',
    valid=(
        """\
def enlarge(session: Session, script: Script) -> None:
    script.settings["size"] = 12
    script.settings.setdefault("fonts", {})["body"] = "Courier"
    session.commit()
""",
    ),
    invalid=(
        Invalid(
            """\
def choose(session: Session, script: Script, font: str) -> None:
    script.settings["fonts"]["body"] = font  # <- IND103
    session.commit()
""",
            """\
def choose(session: Session, script: Script, font: str) -> None:
    script.settings["fonts"]["body"] = font  # <- IND103
    flag_modified(script, "settings")
    session.commit()
""",
        ),
    ),
)
