"""The two stories that documents answer, told as they happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from indelible import Document
from tests.database.stores import Store


class Base(DeclarativeBase):
    """The tables of the two applications."""


class Script(Base):
    """Story 000: a script whose summaries start as NULL."""

    __tablename__ = "scripts"
    script_id: Mapped[int] = mapped_column(primary_key=True)
    scene_summaries: Mapped[dict[str, str] | None] = mapped_column(Document)
    updated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Conversation(Base):
    """Story 001: a conversation that collects a configuration step by step."""

    __tablename__ = "conversations"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="initial")
    temp_data: Mapped[dict[str, Any] | None] = mapped_column(Document)


def _summarise(session: Session, slugline: str, summary: str) -> None:
    script = session.get_one(Script, 1)
    if script.scene_summaries is None:
        script.scene_summaries = {}
    script.scene_summaries[slugline] = summary
    script.updated_at = datetime.now(UTC)
    session.commit()


def test_story_000_summaries_of_several_requests_are_all_kept(any_store: Store) -> None:
    """`script.scene_summaries["INT. HOUSE - DAY"] = ...  # that is all`, from NULL on, request by request."""
    any_store.create(Base.metadata)
    any_store.keep(Script(script_id=1))
    for slugline in ("INT. HOUSE - DAY", "EXT. ROAD - NIGHT", "INT. CAR - NIGHT"):
        with any_store.session() as session:
            _summarise(session, slugline, f"About {slugline}")
    any_store.expect(
        {name: f"About {name}" for name in ("INT. HOUSE - DAY", "EXT. ROAD - NIGHT", "INT. CAR - NIGHT")},
        Script,
        1,
        "scene_summaries",
    )


def test_story_000_without_touching_another_column(any_store: Store) -> None:
    """The change of the document alone is enough: no other column has to change with it."""
    any_store.create(Base.metadata)
    any_store.keep(Script(script_id=1, scene_summaries={"a": "1"}))
    with any_store.session() as session:
        summaries = session.get_one(Script, 1).scene_summaries
        assert summaries is not None
        summaries["a"] = "2"
        session.commit()
    any_store.expect({"a": "2"}, Script, 1, "scene_summaries")


STEPS: tuple[dict[str, Any], ...] = (
    {"framework": "timm", "model_name": "resnet18", "task_type": "image_classification"},
    {"dataset_path": "C:\\datasets\\cls\\imagenet-10", "dataset_format": "imagefolder"},
    {"epochs": 50, "batch_size": 32, "learning_rate": 0.001},
)


def _handle(conversation: Conversation, parsed: dict[str, Any]) -> dict[str, Any]:
    temp_data = conversation.temp_data or {}
    temp_data.setdefault("config", {}).update(parsed)
    temp_data.setdefault("history", []).append(sorted(parsed))
    return {"temp_data": temp_data}


def test_story_001_the_same_object_assigned_back_saves_each_step(any_store: Store) -> None:
    """Assigning the same object back, with changes inside, saves the changes (story 001)."""
    any_store.create(Base.metadata)
    any_store.keep(Conversation(id=1))
    config: dict[str, Any] = {}
    for number, step in enumerate(STEPS):
        with any_store.session() as session:
            conversation = session.get_one(Conversation, 1)
            updated = _handle(conversation, step)["temp_data"]
            conversation.state = f"step {number}"
            conversation.temp_data = updated
            session.commit()
            session.refresh(conversation)
            config |= step
            assert conversation.temp_data is not None
            assert conversation.temp_data["config"] == config
    history = [sorted(step) for step in STEPS]
    any_store.expect({"config": config, "history": history}, Conversation, 1, "temp_data")


def test_story_001_in_one_session_that_keeps_the_row(any_store: Store) -> None:
    """Steps 2 and 3 are kept too when one session lives through all of them."""
    any_store.create(Base.metadata)
    session = any_store.session(expire_on_commit=False)
    conversation = Conversation(id=1, temp_data={})
    session.add(conversation)
    session.commit()
    config: dict[str, Any] = {}
    for step in STEPS:
        conversation.temp_data = _handle(conversation, step)["temp_data"]
        session.commit()
        config |= step
        stored = any_store.stored_text(Conversation, 1, "temp_data")
        assert stored is not None
        assert all(f'"{key}"' in stored for key in config)
    any_store.expect(
        {"config": config, "history": [sorted(step) for step in STEPS]}, Conversation, 1, "temp_data"
    )


def test_the_same_object_assigned_back_without_changes_writes_nothing(any_store: Store) -> None:
    """Assigning the same object back, without changes inside, leaves nothing to write."""
    any_store.create(Base.metadata)
    any_store.keep(Conversation(id=1, temp_data={"a": [1]}))
    session = any_store.session()
    conversation = session.get_one(Conversation, 1)
    conversation.temp_data = conversation.temp_data
    with any_store.statements() as statements:
        session.commit()
    assert statements == []
    any_store.expect({"a": [1]}, Conversation, 1, "temp_data")


def test_the_same_object_assigned_back_keeps_its_identity(any_store: Store) -> None:
    """What was read before the assignment is the same object after it, and later changes through it are saved."""
    any_store.create(Base.metadata)
    any_store.keep(Conversation(id=1, temp_data={"a": [1]}))
    session = any_store.session()
    conversation = session.get_one(Conversation, 1)
    data = conversation.temp_data
    assert data is not None
    data["a"].append(2)
    conversation.temp_data = data
    data["a"].append(3)
    data["b"] = 1
    assert conversation.temp_data == {"a": [1, 2, 3], "b": 1}
    session.commit()
    any_store.expect({"a": [1, 2, 3], "b": 1}, Conversation, 1, "temp_data")
