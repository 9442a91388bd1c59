"""Module level, stores, validators and loops: what is lost is found, what is right is left alone."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.lint.programs import HEAD, MODELS, expected, places, shown, write

LOST = {
    "at module level": """
        from database import Session

        session = Session()
        script = session.get(Script, 1)
        script.scene_summaries["a"] = 1  # <- IND101
        session.commit()
        if __name__ == "__main__":
            other = session.get(Script, 2)
            other.blocks.append(1)  # <- IND101
            session.commit()
    """,
    "in a with statement at module level": """
        from database import get_session


        def unrelated():
            return 1


        with next(get_session()) as session:
            for script in session.execute(select(Script)).scalars().all():
                script.scene_summaries.update({"a": 1})  # <- IND101
            session.commit()
    """,
    "a row from a store with a method get": """
        class Scripts:
            def __init__(self, session: Session):
                self.session = session

            def get(self, key):
                return self.session.query(Script).get(key)


        def f(scripts: Scripts):
            script = scripts.get(1)
            script.blocks.append(1)  # <- IND101
            scripts.session.commit()
    """,
    "a row in a dictionary made by a call": """
        def owned(session, key):
            script = session.get(Script, key)
            return dict(script=script, other=None)


        def f(session):
            found = owned(session, 1)
            found["script"].blocks.append(1)  # <- IND101
            session.commit()
    """,
    "assigned back, saved by luck in one caller of two": """
        def count(session, script: Script):
            summaries = script.scene_summaries or {}
            summaries["n"] = 1  # <- IND102
            script.scene_summaries = summaries
            session.flush()


        def lucky(session, script: Script):
            count(session, script)
            flag_modified(script, "scene_summaries")
            session.commit()


        def unlucky(session, script: Script):
            count(session, script)
            session.commit()
    """,
}

RIGHT = {
    "a validator that copies": """
        from sqlalchemy import JSON, Column, Integer
        from sqlalchemy.orm import validates

        from models import Base


        class Checked(Base):
            __tablename__ = "checked"
            id = Column(Integer, primary_key=True)
            details = Column(JSON)

            @validates("details")
            def check(self, key, value):
                return {name: item for name, item in value.items() if item}


        def f(session, checked: Checked):
            details = checked.details
            details["a"] = 1
            checked.details = details
            session.commit()
    """,
    "for the answer, after the last commit": """
        async def f(session):
            script = Script(scene_summaries={})
            session.add(script)
            await session.commit()
            await session.refresh(script)
            script.scene_summaries["shown"] = True
            await session.close()
            return script
    """,
    "a new dictionary in each turn of a loop": """
        def f(session, names):
            for name in names:
                summaries = {}
                summaries["name"] = name
                script = Script(scene_summaries=summaries)
                session.add(script)
                session.commit()
    """,
    "merged into another session of the same name": """
        def f(sessions, key):
            with next(sessions()) as session:
                script = session.get(Script, key)
            session = next(sessions())
            script.scene_summaries["a"] = 1
            session.merge(script)
            session.commit()
    """,
    "written by an UPDATE whose values have a name": """
        def f(session, script: Script):
            summaries = script.scene_summaries or {}
            summaries["a"] = 1
            values = {"scene_summaries": summaries, "title": "x"}
            session.query(Script).filter(Script.id == script.id).update(values)
            session.commit()
    """,
    "nothing but definitions at module level": """
        summaries = {}
        summaries["a"] = 1
        print(summaries)
    """,
}


@pytest.mark.parametrize("way", LOST)
def test_what_is_lost_is_found(tmp_path: Path, way: str) -> None:
    """Exactly the marked lines are found."""
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(LOST[way]))
    assert expected(tmp_path)
    assert places(shown(tmp_path)) == expected(tmp_path)


@pytest.mark.parametrize("way", RIGHT)
def test_what_is_right_is_left_alone(tmp_path: Path, way: str) -> None:
    """Nothing is found."""
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(RIGHT[way]))
    assert places(shown(tmp_path)) == set()


def test_a_validator_that_returns_what_it_is_given_saves_nothing(tmp_path: Path) -> None:
    """The object is the same as before, and its assignment no change."""
    code = RIGHT["a validator that copies"].replace(
        "{name: item for name, item in value.items() if item}", "value"
    )
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(code))
    assert {rule for _, _, rule in places(shown(tmp_path))} == {"IND102"}
