"""How real code changes documents: what is lost is found, what is saved or meant for nobody is left alone."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.lint.programs import MODELS, expected, places, shown, write

HEAD = """\
import copy
import json

from sqlalchemy import select, update
from sqlalchemy.orm import Session, attributes
from sqlalchemy.orm.attributes import flag_modified

from models import Project, Script


"""

LOST = {
    "get": """
        def f(session, id):
            script = session.get(Script, id)
            script.scene_summaries["a"] = 1  # <- IND101
            session.commit()
    """,
    "query chain": """
        def f(session, id):
            script = session.query(Script).filter(Script.id == id).order_by(Script.title).first()
            script.blocks.append({"a": 1})  # <- IND101
            session.commit()
    """,
    "select": """
        async def f(session, id):
            result = await session.execute(select(Script).where(Script.id == id))
            script = result.scalar_one_or_none()
            script.blocks.append({"a": 1})  # <- IND101
            await session.commit()
    """,
    "scalars": """
        def f(session):
            for script in session.scalars(select(Script)).all():
                script.scene_summaries.pop("a", None)  # <- IND101
            session.commit()
    """,
    "rows of tuples": """
        def f(session):
            for script, project in session.execute(select(Script, Project)).all():
                script.scene_summaries.update(a=1)  # <- IND101
                project.config["a"] = 1  # <- IND101
            session.commit()
    """,
    "relationship": """
        def f(session, project: Project):
            for script in project.scripts:
                script.blocks.clear()  # <- IND101
            session.commit()
    """,
    "relationship to one": """
        def f(session, script: Script):
            script.project.config["a"] = 1  # <- IND101
            session.commit()
    """,
    "alias with a default": """
        def f(session, script: Script):
            summaries = script.scene_summaries or {}
            summaries["a"] = 1  # <- IND101
            session.commit()
    """,
    "conditional alias": """
        def f(session, script: Script):
            summaries = script.scene_summaries if script.scene_summaries is not None else {}
            summaries["a"] = 1
            script.scene_summaries = summaries  # <- IND102
            session.commit()
    """,
    "getattr": """
        def f(session, script: Script):
            summaries = getattr(script, "scene_summaries", None) or {}
            summaries["a"] = 1
            setattr(script, "scene_summaries", summaries)  # <- IND102
            session.commit()
    """,
    "nested through get": """
        def f(session, script: Script):
            scenes = script.scene_summaries.get("scenes", [])
            scenes.append(1)  # <- IND101
            session.commit()
    """,
    "element of a list": """
        def f(session, script: Script, id):
            for block in script.blocks:
                if block["id"] == id:
                    block["text"] = "x"  # <- IND101
                    break
            session.commit()
    """,
    "next": """
        def f(session, script: Script, id):
            block = next((b for b in script.blocks if b["id"] == id), None)
            if block:
                block["text"] = "x"  # <- IND101
            session.commit()
    """,
    "enumerate": """
        def f(session, script: Script, id):
            for i, block in enumerate(script.blocks):
                if block["id"] == id:
                    script.blocks[i] = {"id": id}  # <- IND101
            session.commit()
    """,
    "items": """
        def f(session, script: Script):
            for key, value in script.scene_summaries.items():
                value["seen"] = True  # <- IND101
            session.commit()
    """,
    "augmented list": """
        def f(session, script: Script):
            script.blocks += [1]  # <- IND101
            session.commit()
    """,
    "augmented number inside": """
        def f(session, script: Script):
            script.scene_summaries["count"] += 1  # <- IND101
            session.commit()
    """,
    "del": """
        def f(session, script: Script):
            del script.scene_summaries["a"]  # <- IND101
            session.commit()
    """,
    "walrus": """
        def f(session, id):
            if (script := session.get(Script, id)) is not None:
                script.blocks.append(1)  # <- IND101
                session.commit()
    """,
    "after a flush": """
        def f(session):
            script = Script(scene_summaries={})
            session.add(script)
            session.flush()
            script.scene_summaries["a"] = 1  # <- IND101
            session.commit()
    """,
    "fresh value changed after the commit": """
        def f(session, script: Script):
            summaries = {"a": 1}
            script.scene_summaries = summaries
            session.commit()
            summaries["b"] = 2  # <- IND101
            session.commit()
    """,
    "equal copy after the change": """
        def f(session, script: Script):
            script.blocks.append(1)
            script.blocks = list(script.blocks)  # <- IND102
            session.commit()
    """,
    "equal deep copy after the change": """
        def f(session, script: Script):
            script.blocks.append(1)
            script.blocks = copy.deepcopy(script.blocks)  # <- IND102
            session.commit()
    """,
    "shallow spread": """
        def f(session, script: Script):
            summaries = {**script.scene_summaries}
            summaries["a"]["b"] = 1
            script.scene_summaries = summaries  # <- IND104
            session.commit()
    """,
    "shallow, nested in two steps": """
        def f(session, script: Script):
            summaries = dict(script.scene_summaries or {})
            scene = summaries.get("a", {})
            scene["b"] = 1
            summaries["a"] = scene
            script.scene_summaries = summaries  # <- IND104
            session.commit()
    """,
    "shallow list, element changed": """
        def f(session, script: Script, id):
            blocks = list(script.blocks)
            for block in blocks:
                if block["id"] == id:
                    block["text"] = "x"
            script.blocks = blocks  # <- IND104
            session.commit()
    """,
    "shallow copy assigned first": """
        def f(session, script: Script):
            script.scene_summaries = dict(script.scene_summaries)
            script.scene_summaries["a"]["b"] = 1  # <- IND104
            session.commit()
    """,
    "one level, nested": """
        def f(session, script: Script):
            script.settings["a"]["b"] = 1  # <- IND103
            session.commit()
    """,
    "one level, nested, assigned back": """
        def f(session, script: Script):
            settings = script.settings
            settings["a"]["b"] = 1  # <- IND103
            script.settings = settings
            session.commit()
    """,
    "helper changes the row": """
        def set_summary(script, key, value):
            script.scene_summaries[key] = value  # <- IND101

        def f(session, id):
            script = session.get(Script, id)
            set_summary(script, "a", 1)
            session.commit()
    """,
    "helper changes the container": """
        def put(d, key, value):
            d[key] = value  # <- IND101

        def f(session, id):
            script = session.get(Script, id)
            put(script.scene_summaries, "a", 1)
            session.commit()
    """,
    "helper returns the row": """
        def load(session, id):
            return session.query(Script).filter_by(id=id).one()

        def f(session, id):
            load(session, id).blocks.append(1)  # <- IND101
            session.commit()
    """,
    "helper returns the container": """
        def summaries_of(script: Script):
            if script.scene_summaries is None:
                return {}
            return script.scene_summaries

        def f(session, script: Script):
            summaries_of(script)["a"] = 1  # <- IND101
            session.commit()
    """,
    "repository": """
        class Scripts:
            def __init__(self, session: Session):
                self.session = session

            def find(self, id) -> Script | None:
                return self.session.execute(text("…")).first()

        class Service:
            def __init__(self, scripts: Scripts, session):
                self.scripts = scripts
                self.session = session

            def rename(self, id, key):
                script = self.scripts.find(id)
                script.scene_summaries[key] = "x"  # <- IND101
                self.session.commit()
    """,
    "generic repository": """
        from typing import Generic, TypeVar

        T = TypeVar("T")

        class Repository(Generic[T]):
            def find(self, id) -> T | None:
                return self.session.get(self.model, id)

        class Scripts(Repository[Script]):
            model = Script

        def f(session, id):
            script = Scripts().find(id)
            script.blocks.append(1)  # <- IND101
            session.commit()
    """,
    "untyped parameter": """
        def add_summary(script, key, value, session):
            script.scene_summaries[key] = value  # <- IND101
            session.commit()
    """,
    "flag of another column": """
        def f(session, script: Script):
            script.blocks.append(1)  # <- IND105
            flag_modified(script, "scene_summaries")
            session.commit()

        def g(session, script: Script):
            script.blocks.append(1)
            flag_modified(script, "blocks")
            session.commit()
    """,
    "flag in the other branch": """
        def f(session, script: Script, a):
            if a:
                script.blocks.append(1)
                flag_modified(script, "blocks")
            else:
                script.blocks.append(2)  # <- IND105
            session.commit()
    """,
    "stored in self": """
        class Editor:
            def __init__(self, session, script: Script):
                self.session = session
                self.script = script

            def edit(self, key):
                self.script.scene_summaries[key] = 1  # <- IND101
                self.session.commit()
    """,
    "optional row made if missing": """
        def f(session, id):
            script = session.query(Script).get(id)
            if script is None:
                script = Script(id=id, blocks=[])
                session.add(script)
            script.blocks.append(1)  # <- IND101
            session.commit()
    """,
    "merge of the same row": """
        def f(session, id):
            script = session.get(Script, id)
            script.blocks.append(1)  # <- IND101
            session.merge(script)
            session.commit()
    """,
    "rebuilt list of the same elements": """
        def f(session, script: Script):
            script.blocks.sort(key=len)
            script.blocks = [block for block in script.blocks]  # <- IND102
            session.commit()
    """,
    "heapq": """
        import heapq

        def f(session, script: Script):
            heapq.heappush(script.blocks, 1)  # <- IND101
            session.commit()
    """,
    "in a try with a rollback": """
        def f(session, id):
            try:
                script = session.get(Script, id)
                script.blocks.append(1)  # <- IND101
                session.commit()
            except Exception:
                session.rollback()
                raise
    """,
    "transaction block": """
        async def f(sessions, id):
            async with sessions() as session, session.begin():
                script = await session.get(Script, id)
                script.blocks.append(1)  # <- IND101
    """,
    "match": """
        def f(session, script: Script, command):
            match command:
                case {"add": block}:
                    script.blocks.append(block)  # <- IND101
                case _:
                    return
            session.commit()
    """,
    "nested function": """
        def f(session, script: Script):
            def put(key):
                script.scene_summaries[key] = 1  # <- IND101

            put("a")
            session.commit()
    """,
}

RIGHT = {
    "marked after": """
        def f(session, script: Script):
            script.scene_summaries["a"] = 1
            flag_modified(script, "scene_summaries")
            session.commit()
    """,
    "marked before": """
        def f(session, script: Script):
            flag_modified(script, "scene_summaries")
            script.scene_summaries["a"] = 1
            session.commit()
    """,
    "marked through the module": """
        def f(session, script: Script):
            script.blocks.append(1)
            attributes.flag_modified(script, "blocks")
            session.commit()
    """,
    "marked by the column's key": """
        def f(session, script: Script):
            script.blocks.append(1)
            flag_modified(script, Script.blocks.key)
            session.commit()
    """,
    "marked if changed": """
        def f(session, script: Script, keys):
            changed = False
            for key in keys:
                if key not in script.scene_summaries:
                    script.scene_summaries[key] = 1
                    changed = True
            if changed:
                flag_modified(script, "scene_summaries")
                session.commit()
    """,
    "marked in a loop of names": """
        def f(session, script: Script):
            script.blocks.append(1)
            script.scene_summaries["a"] = 1
            for name in ("blocks", "scene_summaries"):
                flag_modified(script, name)
            session.commit()
    """,
    "marked by a helper": """
        def touch(row, name):
            flag_modified(row, name)

        def f(session, script: Script):
            script.blocks.append(1)
            touch(script, "blocks")
            session.commit()
    """,
    "marked by the caller": """
        def put(script, key, value):
            script.scene_summaries[key] = value

        def f(session, script: Script):
            put(script, "a", 1)
            flag_modified(script, "scene_summaries")
            session.commit()
    """,
    "marked in a finally": """
        def f(session, script: Script):
            try:
                script.blocks.append(1)
            finally:
                flag_modified(script, "blocks")
                session.commit()
    """,
    "marked in a second loop": """
        def f(session, scripts: list[Script]):
            for script in scripts:
                script.blocks.append(1)
            for script in scripts:
                flag_modified(script, "blocks")
            session.commit()
    """,
    "copy and assign": """
        def f(session, script: Script):
            summaries = dict(script.scene_summaries or {})
            summaries["a"] = 1
            script.scene_summaries = summaries
            session.commit()
    """,
    "spread": """
        def f(session, script: Script):
            script.scene_summaries = {**(script.scene_summaries or {}), "a": 1}
            script.blocks = [*script.blocks, 1]
            session.commit()
    """,
    "sum of lists": """
        def f(session, script: Script):
            script.blocks = script.blocks + [1]
            session.commit()
    """,
    "union of dictionaries": """
        def f(session, script: Script, more: dict):
            script.scene_summaries = script.scene_summaries | more
            session.commit()
    """,
    "comprehension": """
        def f(session, script: Script, id):
            script.blocks = [block for block in script.blocks if block["id"] != id]
            session.commit()
    """,
    "deep copy": """
        def f(session, script: Script):
            summaries = copy.deepcopy(script.scene_summaries)
            summaries["a"]["b"] = 1
            script.scene_summaries = summaries
            session.commit()
    """,
    "through JSON": """
        def f(session, script: Script):
            summaries = json.loads(json.dumps(script.scene_summaries))
            summaries["a"]["b"] = 1
            script.scene_summaries = summaries
            session.commit()
    """,
    "shallow copy that differs at its top": """
        def f(session, script: Script, now):
            summaries = dict(script.scene_summaries)
            summaries["a"]["b"] = 1
            summaries["updated_at"] = now
            script.scene_summaries = summaries
            session.commit()
    """,
    "copies on the way down": """
        def f(session, script: Script):
            summaries = dict(script.scene_summaries)
            scene = dict(summaries.get("a", {}))
            scene["b"] = 1
            summaries["a"] = scene
            script.scene_summaries = summaries
            session.commit()
    """,
    "fresh copy assigned, then changed before the flush": """
        def f(session, script: Script):
            script.scene_summaries = dict(script.scene_summaries)
            script.scene_summaries["a"] = 1
            session.commit()
    """,
    "both branches assign": """
        def f(session, script: Script):
            if script.scene_summaries is None:
                script.scene_summaries = {}
            else:
                script.scene_summaries = dict(script.scene_summaries)
            script.scene_summaries["a"] = 1
            session.commit()
    """,
    "new row": """
        def f(session):
            script = Script(blocks=[])
            script.blocks.append(1)
            session.add(script)
            script.blocks.append(2)
            session.commit()
    """,
    "new row filled by a helper": """
        def fill(script: Script):
            script.blocks.append(1)

        def f(session):
            script = Script(blocks=[])
            fill(script)
            session.add(script)
            session.commit()
    """,
    "one level": """
        def f(session, script: Script):
            script.settings["a"] = 1
            script.settings.setdefault("b", {})["c"] = 1
            script.settings["d"] = {**script.settings["d"], "e": 1}
            session.commit()
    """,
    "one level, nested then reassigned": """
        def f(session, script: Script):
            fonts = script.settings["fonts"]
            fonts["a"] = 1
            script.settings["fonts"] = fonts
            session.commit()
    """,
    "core update": """
        def f(session, script: Script):
            summaries = script.scene_summaries
            summaries["a"] = 1
            session.execute(update(Script).where(Script.id == script.id).values(scene_summaries=summaries))
            session.commit()
    """,
    "query update": """
        def f(session, script: Script):
            summaries = script.scene_summaries
            summaries["a"] = 1
            session.query(Script).filter_by(id=script.id).update({"scene_summaries": summaries})
            session.commit()
    """,
    "raw SQL": """
        def f(session, script: Script):
            summaries = script.scene_summaries
            summaries["a"] = 1
            session.execute(text("UPDATE scripts SET scene_summaries = :s"), {"s": json.dumps(summaries)})
            session.commit()
    """,
    "prepared answer": """
        def get_summaries(session, id):
            script = session.get(Script, id)
            summaries = script.scene_summaries
            summaries["id"] = script.id
            return summaries
    """,
    "copy for an answer": """
        def show(session, id):
            script = session.get(Script, id)
            answer = dict(script.scene_summaries)
            answer["id"] = script.id
            answer["nested"]["x"] = 1
            return answer
    """,
    "a form": """
        from flask_wtf import FlaskForm

        class ScriptForm(FlaskForm):
            def fill(self):
                self.blocks["a"] = 1

        def f(session):
            form = ScriptForm()
            form.blocks.append(1)
            session.commit()
    """,
    "a pydantic schema with the same fields": """
        from pydantic import BaseModel

        class ScriptIn(BaseModel):
            title: str
            blocks: list
            scene_summaries: dict

        def f(session, script: ScriptIn):
            script.blocks.append(1)
            script.scene_summaries["a"] = 1
            session.commit()
    """,
    "a dataclass with the same attribute": """
        from dataclasses import dataclass, field

        @dataclass
        class Draft:
            blocks: list = field(default_factory=list)

        def f(session):
            draft = Draft()
            draft.blocks.append(1)
            session.commit()
    """,
    "another object with a common attribute": """
        import requests

        def f(session):
            response = requests.get("…")
            response.settings["a"] = 1
            session.commit()
    """,
    "relationship": """
        def f(session, project: Project):
            project.scripts.append(Script())
            session.commit()
    """,
    "property that parses anew": """
        class Parsed(Script):
            @property
            def parsed(self):
                return json.loads(self.title)

        def f(session, row: Parsed):
            row.parsed["a"] = 1
            session.commit()
    """,
    "detached row merged elsewhere": """
        def f(sessions, script):
            script.blocks.append(1)
            with sessions() as session:
                session.merge(script)
                session.commit()
    """,
    "column value loaded without a row": """
        def f(session, id):
            blocks = session.query(Script.blocks).filter_by(id=id).scalar()
            blocks.append(1)
            session.commit()
    """,
    "assigned to another row": """
        def f(session, one: Script, two: Script):
            blocks = list(one.blocks)
            blocks.append(1)
            two.blocks = blocks
            session.commit()
    """,
    "read only": """
        def f(session, script: Script):
            total = 0
            for block in script.blocks:
                total += block["size"]
            names = sorted(script.scene_summaries)
            names.append("x")
            session.commit()
            return total, names
    """,
    "setattr in a loop": """
        def f(session, script: Script, values: dict):
            for key, value in values.items():
                setattr(script, key, value)
            session.commit()
    """,
    "expunged": """
        def f(session, script: Script):
            session.expunge(script)
            script.blocks.append(1)
            return script
    """,
    "a list of our own": """
        def f(session, script: Script):
            blocks = []
            for block in script.blocks:
                blocks.append({**block, "seen": True})
            script.blocks = blocks
            session.commit()
    """,
    "job after the commit": """
        def f(session, script: Script, queue):
            script.title = "x"
            session.commit()
            queue.enqueue("work", script.id)
            work.delay(script.id)
    """,
    "background task of FastAPI": """
        def f(session, script: Script, background_tasks):
            script.title = "x"
            background_tasks.add_task(work, script.id)
            session.commit()
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
