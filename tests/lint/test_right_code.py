"""How real code saves changes of documents, or means them for nobody: none of this is found fault with."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.lint.programs import HEAD, MODELS, places, shown, write

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


@pytest.mark.parametrize("way", RIGHT)
def test_what_is_right_is_left_alone(tmp_path: Path, way: str) -> None:
    """Nothing is found."""
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(RIGHT[way]))
    assert places(shown(tmp_path)) == set()
