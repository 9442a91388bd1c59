"""What a change is for: what is changed to be shown or handed on is left alone; rows of results, old code."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from indelible.lint.engine import check
from tests.lint.programs import HEAD, MODELS, expected, places, shown, write

LOST = {
    "the value of a column in a result row": """
        def f(session):
            for row in session.query(Script).with_entities(Script.scene_summaries).all():
                row.scene_summaries["a"] = 1  # <- IND101
            session.commit()


        def g(session):
            for row in session.execute(select(Script.id, Script.scene_summaries)).all():
                row.scene_summaries["a"] = 1  # <- IND101
            session.commit()
    """,
    "rows of a class, asked for in another way": """
        def f(session):
            script = session.query(Project).join(Script).with_entities(Script).first()
            script.blocks.append(1)  # <- IND101
            session.commit()
    """,
    "rows in a dictionary whose annotation names several classes": """
        from typing import Literal, Union


        async def owned(session, key) -> dict[Literal["script", "project"], Union[Script, Project]]:
            script = await session.get(Script, key)
            project = await session.get(Project, script.project_id)
            return dict(script=script, project=project)


        async def f(session):
            found = await owned(session, 1)
            found["script"].blocks.append(1)  # <- IND101
            await session.commit()
    """,
    "rows in what is annotated as a dictionary": """
        from typing import Any


        def owned(session, key) -> dict[str, Any]:
            script = session.get(Script, key)
            return {"script": script}


        def f(session):
            owned(session, 1)["script"].blocks.append(1)  # <- IND101
            session.commit()
    """,
    "changed on one way and assigned on the other, then added elsewhere": """
        def store(sessions, script: Script):
            with sessions() as session:
                session.add(script)
                session.commit()


        def put(sessions, script: Script, more):
            if script.blocks:
                script.blocks.extend(more)  # <- IND101
            else:
                script.blocks = more
            store(sessions, script)


        def f(sessions, script: Script):
            put(sessions, script, [1])
    """,
    "a store that a function makes for the module": """
        class Scripts:
            def __init__(self, session):
                self.session = session

            def by_id(self, key):
                return self.session.query(Script).get(key)

            def save(self, script):
                self.session.add(script)
                self.session.commit()


        scripts = None


        def set_up(session):
            global scripts
            scripts = Scripts(session)


        def f():
            script = scripts.by_id(1)
            script.blocks.append(1)  # <- IND101
            scripts.save(script)
    """,
}

RIGHT = {
    "a dictionary for display, in a list that is sorted": """
        def described(project: Project):
            found = {"scripts": []}
            for script in project.scripts:
                this = {"summaries": script.scene_summaries}
                this["summaries"]["label"] = script.title
                found["scripts"].append(this)
            found["scripts"] = sorted(found["scripts"], key=lambda one: one["summaries"]["label"])
            return found
    """,
    "handed to a task by a container elsewhere": """
        class Start:
            def transaction(self, session, script: Script):
                config = script.scene_summaries
                config["started"] = True
                self.arguments["config"] = config
                session.bulk_save_objects([])
    """,
    "given to another row in its own session": """
        def replaced(sessions, data):
            with sessions() as session:
                script = session.get(Script, data.id)
                script.blocks = data.blocks
                session.commit()


        def f(sessions, scripts: list[Script]):
            for script in scripts:
                script.blocks.append(1)
                replaced(sessions, script)
    """,
    "the value of a column, for an answer": """
        def f(session):
            rows = session.execute(select(Script.id, Script.scene_summaries)).all()
            for row in rows:
                row.scene_summaries["id"] = row.id
            return rows


        def g(session):
            row = session.query(Script.id, Script.blocks).first()
            blocks = row.blocks
            blocks.append(1)
            session.commit()
            return blocks
    """,
}

OLD = """\
import sys


class Scripts:
    def put(self, session, key):
        print "putting", key
        print >>sys.stderr, "putting"
        try:
            script = session.query(Script).get(key)
            script.blocks.append(0L)  # <- IND101
            session.commit()
        except (KeyError, ValueError), error:
            raise RuntimeError, "no %s" % (
                key,
            )
        if key <> 0777:
            print
        return `key`, ur"key"
"""


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


def test_old_code_is_read(tmp_path: Path) -> None:
    """A module with the forms of Python 2 is no problem, and what it changes is found at its line."""
    write(tmp_path, models=MODELS, code=HEAD + OLD)
    assert check([str(tmp_path)]).problems == {}
    assert places(shown(tmp_path)) == expected(tmp_path)
