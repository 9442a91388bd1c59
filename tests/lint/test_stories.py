"""The bugs of the five stories, as the code was before the fix, are found where they were."""

from __future__ import annotations

from pathlib import Path

from tests.lint.programs import expected, places, shown, write

SCENE_SUMMARIES = {
    "app__models__script": """\
from datetime import datetime
from typing import Dict, Optional

from sqlalchemy import Column, DateTime, ForeignKey, String
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Script(Base):
    __tablename__ = "scripts"

    script_id: Mapped[str] = mapped_column(UUID(as_uuid=True), primary_key=True)
    title: Mapped[str] = mapped_column(String)
    scene_summaries: Mapped[Optional[Dict[str, str]]] = mapped_column(JSONB, nullable=True)
    updated_at: Mapped[datetime] = mapped_column(DateTime)
""",
    "app__db__base": "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n",
    "app__models__scene": """\
from sqlalchemy import Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.db.base import Base


class Scene(Base):
    __tablename__ = "scenes"
    scene_id = Column(Text, primary_key=True)
    summary = Column(Text)
    content_blocks = Column(JSONB)
    updated_at = Column(DateTime)
""",
    "app__routers__ai_router": """\
from datetime import datetime, timezone

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import get_db
from app.models.scene import Scene
from app.models.script import Script

router = APIRouter()


@router.post("/scene-summary")
async def generate_scene_summary(request, db: AsyncSession = Depends(get_db)):
    result = await db.execute(select(Script).where(Script.script_id == request.script_id))
    script = result.scalar_one_or_none()
    if not script:
        raise HTTPException(status_code=404)
    scene = (await db.execute(select(Scene).where(Scene.scene_id == request.scene_id))).scalars().first()
    summary = await summarise(request.text)
    if scene:
        scene.summary = summary
        scene.updated_at = datetime.now(timezone.utc)
    else:
        if script.scene_summaries is None:
            script.scene_summaries = {}
        script.scene_summaries[request.slugline] = summary  # <- IND101
        script.updated_at = datetime.now(timezone.utc)
    await db.commit()
    return {"summary": summary}
""",
}


def test_scene_summaries_changed_in_place(tmp_path: Path) -> None:
    """Story 000: the subscript is found, though the other branch assigns a fresh dictionary before it."""
    write(tmp_path, **SCENE_SUMMARIES)
    assert places(shown(tmp_path)) == expected(tmp_path)


def test_the_fix_of_scene_summaries(tmp_path: Path) -> None:
    """Story 000: with `attributes.flag_modified` after it, the place is right."""
    router = SCENE_SUMMARIES["app__routers__ai_router"]
    fixed = router.replace(
        "  # <- IND101\n", "\n        attributes.flag_modified(script, 'scene_summaries')\n"
    ).replace(
        "from sqlalchemy import select",
        "from sqlalchemy import select\nfrom sqlalchemy.orm import attributes",
    )
    write(tmp_path, **{**SCENE_SUMMARIES, "app__routers__ai_router": fixed})
    assert shown(tmp_path, strict=True) == []


CONVERSATION = {
    "app__models": """\
from sqlalchemy import JSON, Column, Integer, String
from sqlalchemy.ext.declarative import declarative_base

Base = declarative_base()


class Session(Base):
    __tablename__ = "sessions"
    id = Column(Integer, primary_key=True)
    state = Column(String)
    temp_data = Column(JSON, default={})
""",
    "app__services__action_handlers": """\
class ActionHandlers:
    def __init__(self, db, llm):
        self.db = db
        self.llm = llm

    async def handle_action(self, action_response, session, user_message):
        if action_response.action == "ask_clarification":
            return await self._handle_ask_clarification(action_response, session, user_message)
        return await self._handle_show_capabilities(action_response, session, user_message)

    async def _handle_ask_clarification(self, action_response, session, user_message):
        temp_data = session.temp_data or {}
        existing = temp_data.get("config", {})
        merged = {**existing, **action_response.current_config}
        temp_data["config"] = merged  # <- IND102
        return {"new_state": "gathering", "message": action_response.message, "temp_data": temp_data}

    async def _handle_show_capabilities(self, action_response, session, user_message):
        return {"new_state": "initial", "message": "…", "temp_data": session.temp_data}
""",
    "app__services__conversation_manager": """\
from sqlalchemy.orm import Session

from app.models import Session as SessionModel
from app.services.action_handlers import ActionHandlers


class ConversationManager:
    def __init__(self, db: Session, llm):
        self.db = db
        self.llm = llm
        self.action_handlers = ActionHandlers(db, llm)

    async def process_message(self, session_id: int, user_message: str) -> str:
        session = self.db.query(SessionModel).filter(SessionModel.id == session_id).first()
        if not session:
            raise ValueError(session_id)
        action_response = await self.llm.parse(user_message, session.temp_data)
        result = await self.action_handlers.handle_action(action_response, session, user_message)
        updated_temp_data = result["temp_data"]
        session.state = result["new_state"]
        session.temp_data = updated_temp_data
        self.db.commit()
        return result["message"]
""",
}


def test_conversation_config_assigned_back(tmp_path: Path) -> None:
    """Story 001: the same dictionary, changed in another file and returned in a dictionary, is assigned back."""
    write(tmp_path, **CONVERSATION)
    found = shown(tmp_path)
    assert places(found) == expected(tmp_path)
    (finding,) = found
    (assigned,) = finding.related
    source = Path(assigned.path).read_text().splitlines()
    assert Path(assigned.path).name == "conversation_manager.py"
    assert source[assigned.line - 1].strip() == "session.temp_data = updated_temp_data"


def test_the_fix_of_the_conversation(tmp_path: Path) -> None:
    """Story 001: marking after the assignment, or copying before the change, are right."""
    manager = CONVERSATION["app__services__conversation_manager"]
    marked = manager.replace(
        "session.temp_data = updated_temp_data\n",
        "session.temp_data = updated_temp_data\n        from sqlalchemy.orm.attributes import flag_modified\n"
        '        flag_modified(session, "temp_data")\n',
    )
    write(tmp_path / "marked", **{**CONVERSATION, "app__services__conversation_manager": marked})
    assert shown(tmp_path / "marked") == []
    handlers = CONVERSATION["app__services__action_handlers"]
    copied = handlers.replace("session.temp_data or {}", "dict(session.temp_data or {})")
    write(tmp_path / "copied", **{**CONVERSATION, "app__services__action_handlers": copied})
    assert shown(tmp_path / "copied") == []


INTERVIEW = {
    "app__models__interview": """\
from sqlalchemy import Column, Integer
from sqlalchemy.dialects.postgresql import JSONB

from app.database import Base


class Interview(Base):
    __tablename__ = "interviews"
    id = Column(Integer, primary_key=True)
    conversation_data = Column(JSONB, default=list)
""",
    "app__database": """\
from sqlalchemy import create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
""",
    "app__api__endpoints": """\
import asyncio

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.database import SessionLocal, get_db
from app.models.interview import Interview

router = APIRouter()


@router.post("/{interview_id}/messages")
def add_message(interview_id: int, message: dict, db: Session = Depends(get_db)):
    interview = db.query(Interview).filter(Interview.id == interview_id).first()
    if not interview:
        raise HTTPException(404)
    interview.conversation_data.append(message)
    flag_modified(interview, "conversation_data")
    db.commit()
    db.refresh(interview)
    return interview


@router.post("/{interview_id}/start")
async def start(interview_id: int, db: Session = Depends(get_db)):
    interview = db.query(Interview).filter(Interview.id == interview_id).first()
    if interview.conversation_data is None:
        interview.conversation_data = []
    interview.conversation_data.append({"role": "assistant", "content": "Q1"})
    flag_modified(interview, "conversation_data")
    db.commit()
    return interview


@router.post("/{interview_id}/send")
async def send_message(interview_id: int, message, db: Session = Depends(get_db)):
    interview = db.query(Interview).filter(Interview.id == interview_id).first()
    user_message = {"role": "user", "content": message.content}
    interview.conversation_data.append(user_message)  # <- IND105
    db.commit()
    return await _fixed_question(interview, db)


@router.post("/{interview_id}/send-async")
async def send_message_async(interview_id: int, message, db: Session = Depends(get_db)):
    interview = db.query(Interview).filter(Interview.id == interview_id).first()
    interview.conversation_data.append({"role": "user", "content": message.content})  # <- IND105
    asyncio.create_task(_process_async(interview.id))
    db.commit()
    return {"status": "processing"}


@router.post("/{interview_id}/send-queued")
async def send_message_queued(interview_id: int, message, queue, db: Session = Depends(get_db)):
    interview = db.query(Interview).filter(Interview.id == interview_id).first()
    interview.conversation_data = [*interview.conversation_data, {"role": "user", "content": message.content}]
    queue.enqueue("app.jobs.answer", interview.id)  # <- IND201
    db.commit()
    return {"status": "processing"}


async def _fixed_question(interview, db):
    question = {"role": "assistant", "content": "Q2"}
    interview.conversation_data.append(question)  # <- IND105
    db.commit()
    return question


async def _process_async(interview_id: int):
    db = SessionLocal()
    try:
        interview = db.query(Interview).filter(Interview.id == interview_id).first()
        answer = {"role": "assistant", "content": "…"}
        interview.conversation_data.append(answer)  # <- IND105
        db.commit()
    finally:
        db.close()
""",
}


def test_interview_marked_in_two_of_six_places(tmp_path: Path) -> None:
    """Story 002: the four forgotten `append` sites are found, and the job started before the commit."""
    write(tmp_path, **INTERVIEW)
    assert places(shown(tmp_path)) == expected(tmp_path)


IMAGES = {
    "models": """\
from sqlalchemy import JSON
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Project(Base):
    __tablename__ = "projects"
    id: Mapped[int] = mapped_column(primary_key=True)
    generated_output: Mapped[dict] = mapped_column(JSON)
""",
    "images": """\
import asyncio
import copy

from models import Project


async def generate_all(sessions, project_id: int, tasks: list) -> None:
    await asyncio.gather(*(save_image(sessions, project_id, index, url) for index, url in tasks))


async def save_image(sessions, project_id: int, index: int, url: str) -> None:
    async with sessions() as session:
        project = await session.get(Project, project_id)
        output = copy.deepcopy(project.generated_output)
        for position, scene in enumerate(output["scenes"], 1):
            if scene.get("index", position) == index:
                scene.setdefault("imageUrls", []).append(url)
        project.generated_output = output  # <- IND301
        await session.commit()
""",
}


def test_images_saved_in_parallel(tmp_path: Path) -> None:
    """Story 003: savers that run in parallel read, change and write the whole document."""
    write(tmp_path, **IMAGES)
    assert places(shown(tmp_path)) == expected(tmp_path)


AUTOSAVE = {
    "models": """\
from sqlalchemy import JSON
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Scene(Base):
    __tablename__ = "scenes"
    id: Mapped[str] = mapped_column(primary_key=True)
    blocks: Mapped[list] = mapped_column(JSON)
    is_stale: Mapped[bool]
""",
    "autosave": """\
from models import Scene
from workers import queue_urgent


async def autosave(db, scene_id: str, blocks: list) -> None:
    scene = await db.get(Scene, scene_id)
    scene.blocks = blocks
    scene.is_stale = True
    queue_urgent.enqueue(  # <- IND201
        "app.workers.refresh_jobs.refresh_scene_summary", str(scene.id), job_id=f"scene_summary_{scene.id}"
    )
    await db.commit()
""",
}


def test_autosave_enqueues_before_the_commit(tmp_path: Path) -> None:
    """Story 004: the job is enqueued while the scene's change is not committed."""
    write(tmp_path, **AUTOSAVE)
    assert places(shown(tmp_path)) == expected(tmp_path)
