"""Types that a team brings along, tracked."""

import pickle
import zlib
from typing import Any

from sqlalchemy import JSON, LargeBinary, PickleType, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from indelible import Document, tracked
from tests.database.mappings.declarative import Base


class Zipped(TypeDecorator[Any]):
    """A team's own type: compressed pickles, with a mark put in on the way and taken out on the way back."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        """Compress."""
        if value is None:
            return None
        assert type(value) in (dict, list), type(value)
        return zlib.compress(pickle.dumps({"wrapped": value}))

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Decompress."""
        return None if value is None else pickle.loads(zlib.decompress(value))["wrapped"]


class JSONText(TypeDecorator[Any]):
    """A team's own type over another JSON type."""

    impl = JSON
    cache_ok = True


class ByDecorator(Base):
    """A tracked custom type."""

    __tablename__ = "by_decorator"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(Zipped), default=dict)


class ByJSONDecorator(Base):
    """A tracked custom type over JSON."""

    __tablename__ = "by_json_decorator"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSONText()), default=dict)


class ByJSON(Base):
    """Tracked JSON."""

    __tablename__ = "by_json"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSON), default=dict)


class ByPickle(Base):
    """Tracked pickles."""

    __tablename__ = "by_pickle"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(PickleType), default=dict, nullable=True)


class ByJSONB(Base):
    """Tracked JSONB."""

    __tablename__ = "by_jsonb"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSONB(astext_type=Text())), default=dict)


class ByVariant(Base):
    """Tracked JSON that is JSONB on PostgreSQL."""

    __tablename__ = "by_variant"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSON().with_variant(JSONB(), "postgresql")), default=dict)


class DocumentVariant(Base):
    """A `Document` with a variant of its own on one database."""

    __tablename__ = "document_variant"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document().with_variant(Document(), "sqlite"), default=dict)
