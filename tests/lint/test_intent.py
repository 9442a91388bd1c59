"""What a change is for: what is changed to be shown or handed on is left alone; rows of results, stores, updaters."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

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
    "a route that also writes": """
        @app.route("/scripts", methods=["GET", "PUT"])
        def scripts(session):
            script = session.get(Script, 1)
            script.blocks.append(1)  # <- IND101
            return "done"
    """,
    "the user who is logged in": """
        from flask import g
        from flask_login import UserMixin, current_user
        from sqlalchemy import JSON, Column, Integer

        from models import Base


        class User(UserMixin, Base):
            __tablename__ = "users"
            id = Column(Integer, primary_key=True)
            preferences = Column(JSON)


        def f(session):
            if current_user.is_authenticated and not current_user.is_anonymous:
                current_user.preferences["a"] = 1  # <- IND101
                session.commit()


        def h(session):
            g.script.blocks.append(1)  # <- IND101
            session.commit()
    """,
    "rows in a dictionary by their keys": """
        def f(session):
            by_key = {script.id: script for script in session.query(Script).all()}
            for key, script in by_key.items():
                script.blocks.append(key)  # <- IND101
            by_key[1].scene_summaries["a"] = 1  # <- IND101
            session.commit()
    """,
    "a part that is put back where it was": """
        def store(session):
            session.commit()


        def f(session, script: Script):
            scene = script.scene_summaries["a"]
            scene["done"] = True  # <- IND101
            script.scene_summaries["a"] = scene  # <- IND101
            store(session)
    """,
    "committed in a session of its own": """
        from sqlalchemy.orm import sessionmaker

        Sessions = sessionmaker()


        def f(key):
            with Sessions() as session:
                script = session.get(Script, key)
                script.blocks.append(1)  # <- IND101
                session.commit()
                return script
    """,
    "a row or 404": """
        def f(session, db):
            script = db.get_or_404(Script, 1)
            script.blocks.append(1)  # <- IND101
            other = db.one_or_404(select(Script))
            other.blocks.append(1)  # <- IND101
            session.commit()
    """,
    "one level by another library": """
        from sqlalchemy import JSON, Column, Integer
        from sqlalchemy_json import mutable_json_type

        from models import Base


        class Note(Base):
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)
            texts = Column(mutable_json_type(dbtype=JSON))
            trees = Column(mutable_json_type(dbtype=JSON, nested=True))


        def f(session, note: Note):
            note.texts["a"]["b"] = 1  # <- IND103
            note.trees["a"]["b"] = 1
            session.commit()
    """,
    "assigned back by name": """
        from sqlalchemy import JSON, Column, Integer

        from models import Base


        class Updating:
            def update(self, **values):
                for name, value in values.items():
                    setattr(self, name, value)


        class Note(Updating, Base):
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)
            texts = Column(JSON)


        def change(row, values: dict):
            for name in values:
                setattr(row, name, values[name])


        def f(session, note: Note):
            texts = note.texts
            texts["a"] = 1  # <- IND102
            note.update(texts=texts)
            session.commit()


        def g(session, script: Script):
            blocks = script.blocks
            blocks.append(1)  # <- IND102
            change(script, {"blocks": blocks})
            session.commit()
    """,
    "a secret, encrypted": """
        def f(session, key, vault, token):
            script = session.get(Script, key)
            script.scene_summaries["token"] = vault.encrypt_token(token)  # <- IND101
            session.commit()
    """,
    "a key that begins with an underscore, committed": """
        def f(session):
            script = session.get(Script, 1)
            script.scene_summaries["_seen"] = True  # <- IND101
            session.commit()
    """,
    "something else is made with the row": """
        def f(session):
            script = session.get(Script, 1)
            script.blocks.append(1)  # <- IND101
            Project.create(session, script)
            session.commit()
    """,
    "got and changed": """
        def get_script_or_start(session: Session, key):
            script = session.get(Script, key)
            script.blocks.append(1)  # <- IND101
            return script.id
    """,
    "another column is written by a statement": """
        def write(session, script: Script, title):
            session.query(Script).filter(Script.id == script.id).update({"title": title})


        def f(session):
            script = session.get(Script, 1)
            script.blocks.append(1)  # <- IND101
            write(session, script, "A title")
            session.commit()
    """,
    "only a test loses what the program's own helper changes": """
        def started(blocks: list):
            blocks.append("started")  # <- IND101


        def test_started(session):
            script = session.get(Script, 1)
            started(script.blocks)
            session.commit()
    """,
}

RIGHT = {
    "objects of another library with the names of rows and columns": """
        from other import Persistent, Stamped, kinds
        from sqlalchemy import JSON, Column, Integer

        from models import Base


        class Instance(Stamped, Base):
            __tablename__ = "instances"
            id = Column(Integer, primary_key=True)
            vnf_info = Column(JSON)


        class Objects:
            class Instance(Persistent):
                fields = {"id": kinds.Number(), "vnf_info": kinds.Mapping()}

                def save(self):
                    self.write()


        def instantiate(context, instance, namespace):
            instance.vnf_info["namespace"] = namespace
            instance.save()
    """,
    "a key that begins with an underscore, for this process": """
        def matches(script: Script, text):
            script.scene_summaries["_matched"] = text
            return text in script.scene_summaries["titles"]
    """,
    "a secret in the clear": """
        def client(session, key, vault):
            script = session.get(Script, key)
            found = script.scene_summaries
            found["token"] = vault.decrypt_token(found["token"])
            script.title = "used"
            session.commit()
            return Client(found)


        def decrypted(session, key, vault):
            script = session.get(Script, key)
            decrypted_token = vault.open(script.scene_summaries["token"])
            script.scene_summaries["token"] = decrypted_token
            session.commit()
    """,
    "asked with None for a default": """
        def titles(session):
            scripts = session.query(Script).all()
            found = [script.scene_summaries.setdefault("title", None) for script in scripts]
            session.commit()
            return found
    """,
    "what makes the row is given it": """
        def labelled(session, script: Script):
            script.scene_summaries["label"] = script.title
            return Script.create(session, script)
    """,
    "a helper that tidies what is got": """
        def tidy(schema: dict):
            if not schema.get("required"):
                schema.pop("required", None)


        def get_record(session, key):
            script = session.get(Script, key)
            tidy(script.scene_summaries)
            return script
    """,
    "for another row, in what commits that one": """
        def start(session, script: Script):
            config = script.scene_summaries
            config["started"] = True
            session.add(Project(config=config))
            session.commit()


        def f(session):
            script = session.get(Script, 1)
            start(session, script)
            script.title = "done"
            session.commit()
    """,
    "written by a statement in what is given the row": """
        def write(session, script: Script, blocks):
            rows = session.query(Script).filter(Script.id == script.id).update({"blocks": blocks})
            if not rows:
                raise ValueError(script.id)


        def store(session, script: Script, blocks):
            write(session, script, blocks)


        def f(session):
            script = session.get(Script, 1)
            script.blocks.append(1)
            store(session, script, json.loads(json.dumps(script.blocks)))
            session.commit()
    """,
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
    "a route for reading": """
        @router.get("/scripts")
        def scripts(session: Session):
            found = session.query(Script).all()
            for script in found:
                script.scene_summaries["shown"] = True
            return found


        @app.route("/projects")
        def projects(session: Session):
            found = session.query(Project).all()
            for project in found:
                project.config["shown"] = True
            return found
    """,
    "read in a session of its own": """
        from sqlalchemy.orm import sessionmaker

        Sessions = sessionmaker()


        def without_secret(key):
            with Sessions() as session:
                script = session.get(Script, key)
                script.scene_summaries.pop("secret", None)
                return script


        def with_label(engine, key):
            with Session(engine) as session:
                script = session.get(Script, key)
            script.scene_summaries["label"] = script.title
            return script
    """,
    "shown after it was saved": """
        def f(session, script: Script):
            session.add(script)
            session.commit()
            script.scene_summaries["shown"] = True
            return {"summaries": script.scene_summaries}
    """,
    "another value, assigned by name": """
        def change(row, values: dict):
            for name in values:
                setattr(row, name, values[name])


        def f(session, script: Script):
            script.blocks.append(1)
            change(script, {"blocks": [*script.blocks, 2]})
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


def test_no_mark_is_offered_for_a_value_without_its_row(tmp_path: Path) -> None:
    """There is no row to mark, nor a declaration that would help: the row has to be loaded."""
    code = """
        def f(session):
            for row in session.query(Script).with_entities(Script.blocks):
                row.blocks.append(1)
            session.commit()
    """
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(code))
    (found,) = shown(tmp_path)
    assert (found.row, found.column_path) == ("", "")
    assert found.fix.startswith("load the row itself")


def test_what_a_test_saves_proves_nothing(tmp_path: Path) -> None:
    """Who makes the row that it hands over, in a test or not, saves anything; who loads it loses the change."""
    code = """
        def stamp(script, by):
            script.title = by
            script.scene_summaries["by"] = by  # <- IND101


        def f(session):
            stamp(session.get(Script, 1), "me")
            session.commit()
    """
    called = """
        from stamping import stamp


        def test_stamp(session):
            script = Script(title="x", scene_summaries={})
            stamp(script, "me")
            session.add(script)
            session.commit()
    """
    write(tmp_path, models=MODELS, stamping=HEAD + textwrap.dedent(code))
    write(tmp_path, tests__test_code=HEAD + textwrap.dedent(called))
    assert places(shown(tmp_path)) == expected(tmp_path)
    (tmp_path / "tests" / "test_code.py").rename(tmp_path / "making.py")
    assert places(shown(tmp_path)) == expected(tmp_path)
