"""How real code loses changes of documents: each of these lines is found."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.lint.programs import HEAD, MODELS, expected, places, shown, write

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
            summaries["a"] = 1  # <- IND102
            script.scene_summaries = summaries
            session.commit()
    """,
    "getattr": """
        def f(session, script: Script):
            summaries = getattr(script, "scene_summaries", None) or {}
            summaries["a"] = 1  # <- IND102
            setattr(script, "scene_summaries", summaries)
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
            script.blocks.append(1)  # <- IND102
            script.blocks = list(script.blocks)
            session.commit()
    """,
    "equal deep copy after the change": """
        def f(session, script: Script):
            script.blocks.append(1)  # <- IND102
            script.blocks = copy.deepcopy(script.blocks)
            session.commit()
    """,
    "shallow spread": """
        def f(session, script: Script):
            summaries = {**script.scene_summaries}
            summaries["a"]["b"] = 1  # <- IND104
            script.scene_summaries = summaries
            session.commit()
    """,
    "shallow, nested in two steps": """
        def f(session, script: Script):
            summaries = dict(script.scene_summaries or {})
            scene = summaries.get("a", {})
            scene["b"] = 1  # <- IND104
            summaries["a"] = scene
            script.scene_summaries = summaries
            session.commit()
    """,
    "shallow list, element changed": """
        def f(session, script: Script, id):
            blocks = list(script.blocks)
            for block in blocks:
                if block["id"] == id:
                    block["text"] = "x"  # <- IND104
            script.blocks = blocks
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
            script.blocks.sort(key=len)  # <- IND102
            script.blocks = [block for block in script.blocks]
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


@pytest.mark.parametrize("way", LOST)
def test_what_is_lost_is_found(tmp_path: Path, way: str) -> None:
    """Exactly the marked lines are found."""
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(LOST[way]))
    assert expected(tmp_path)
    assert places(shown(tmp_path)) == expected(tmp_path)
