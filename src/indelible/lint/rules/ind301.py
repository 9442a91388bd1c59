"""IND301: read, modify and write of a shared document without a guard."""

from indelible.lint.rules.rule import Invalid, Rule

RULE = Rule(
    code="IND301",
    title="a document is read, changed and written back without a lock, a version or a guard",
    explanation="""\
Two writers that read the same document and each write it back whole: the later one overwrites the change of the
earlier one, in silence. Told as advice, and only where the code itself runs the writer several times at once.""",
    template="`{place}` ({type}, {declared}) is read, changed and written whole by code that runs several times at "
    "once: one writer may overwrite the other.",
    fix="load the row with_for_update, give the model a version_id_col, or declare the column `Document`, "
    "whose changes merge",
    valid=(
        """\
import asyncio


async def save(session, key: str) -> None:
    script = await session.get(Script, 1, with_for_update=True)
    script.notes = {**script.notes, key: "done"}
    await session.commit()


async def save_all(session, keys: list[str]) -> None:
    await asyncio.gather(*(save(session, key) for key in keys))
""",
    ),
    invalid=(
        Invalid(
            """\
import asyncio


async def save(session, key: str) -> None:
    script = await session.get(Script, 1)
    script.notes = {**script.notes, key: "done"}  # <- IND301
    await session.commit()


async def save_all(session, keys: list[str]) -> None:
    await asyncio.gather(*(save(session, key) for key in keys))
""",
        ),
    ),
    advice=True,
)
