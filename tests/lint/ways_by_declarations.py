"""Programs that declare their columns in other ways: mixins, properties, tables."""

from __future__ import annotations

LOST: dict[str, str] = {
    "deferred": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.orm import deferred


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = deferred(Column(J))


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "declared_attr mixin": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.orm import declared_attr


        class HasExtras:
            @declared_attr
            def extras(cls):
                return Column(J, nullable=False, default=dict)

            def put(self, key, value):
                self.extras[key] = value  # <- IND101


        class Car(HasExtras, Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().put("x", 1)
            session.commit()
    """,
    "mixin column": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        class HasExtras:
            extras = Column(J, nullable=False, default=dict)


        class Car(HasExtras, Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            for car in session.query(Car).order_by(Car.id):
                car.extras.setdefault("list", []).append(1)  # <- IND101
            session.commit()
    """,
    "imperative": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        from sqlalchemy import Table
        from sqlalchemy.orm import registry

        cars = Table("cars", Base.metadata, Column("id", Integer, primary_key=True), Column("extras", J))


        class Car:
            def __init__(self, id, extras):
                self.id = id
                self.extras = extras

            def put(self, key, value):
                self.extras[key] = value  # <- IND101


        registry(metadata=Base.metadata).map_imperatively(Car, cars)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().put("x", 1)
            session.commit()
    """,
    "hybrid getter setter": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.ext.hybrid import hybrid_property


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            _extras = Column("extras", J)

            @hybrid_property
            def extras(self):
                return self._extras

            @extras.setter
            def extras(self, value):
                self._extras = value


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            car = session.query(Car).first()
            car.extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "hybrid getter setter assigned back": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.ext.hybrid import hybrid_property


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            _extras = Column("extras", J)

            @hybrid_property
            def extras(self):
                return self._extras

            @extras.setter
            def extras(self, value):
                self._extras = value


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            car = session.query(Car).first()
            extras = car.extras
            extras["x"] = 1  # <- IND102
            car.extras = extras
            session.commit()
    """,
    "property setter of a key": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            _data = Column(J)

            @property
            def color(self):
                return self._data.get("color")

            @color.setter
            def color(self, value):
                self._data["color"] = value  # <- IND101


        def rows():
            return [Car(id=1, _data={})]


        def run(session):
            car = session.query(Car).first()
            car.color = "red"
            session.commit()
    """,
    "type annotation map": """
        from typing import Any
        from sqlalchemy import JSON as J


        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

        class Root(DeclarativeBase):
            metadata = Base.metadata
            type_annotation_map = {dict[str, Any]: J}


        class Car(Root):
            __tablename__ = "cars"
            id: Mapped[int] = mapped_column(primary_key=True)
            extras: Mapped[dict[str, Any] | None] = mapped_column(default=dict)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "synonym": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.orm import synonym


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            _extras = Column("extras", J)
            extras = synonym("_extras")


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "a base called as Pydantic's": """
        from types import SimpleNamespace

        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.orm import declarative_base

        db = SimpleNamespace(Model=declarative_base(metadata=Base.metadata))
        BaseModel: type = db.Model


        class Car(BaseModel):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(J)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "a declarative base called as Pydantic's": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.orm import declarative_base

        BaseModel = declarative_base(metadata=Base.metadata)


        class Car(BaseModel):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(J)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "a checking type noted as a dictionary": """
        from sqlalchemy import JSON as J
        from sqlalchemy import TypeDecorator
        from sqlalchemy.orm import Mapped, mapped_column


        class Checked(TypeDecorator):
            impl = J
            cache_ok = True

            def __init__(self, check):
                super().__init__()
                self._check = check

            def process_result_value(self, value, dialect):
                return self._check(value)


        class Car(Base):
            __tablename__ = "cars"
            id: Mapped[int] = mapped_column(primary_key=True)
            _extras: Mapped[dict[str, object]] = mapped_column("extras", Checked(dict), nullable=False)

            def limit(self, key, value):
                extras = self._extras
                if extras.get(key) is None:
                    extras[key] = {}  # <- IND102
                extras[key]["max"] = value  # <- IND102
                self._extras = extras


        def rows():
            return [Car(id=1, _extras={"a": {"b": 1}})]


        def run(session):
            session.query(Car).first().limit("x", 1)
            session.commit()
    """,
}

RIGHT: dict[str, str] = {
    "property setter of a key, copied": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            _data = Column(J)

            @property
            def color(self):
                return self._data.get("color")

            @color.setter
            def color(self, value):
                self._data = {**self._data, "color": value}


        def rows():
            return [Car(id=1, _data={})]


        def run(session):
            car = session.query(Car).first()
            car.color = "red"
            session.commit()
    """,
    "property setter of a key, marked": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            _data = Column(J)

            @property
            def color(self):
                return self._data.get("color")

            @color.setter
            def color(self, value):
                self._data["color"] = value
                flag_modified(self, "_data")


        def rows():
            return [Car(id=1, _data={})]


        def run(session):
            car = session.query(Car).first()
            car.color = "red"
            session.commit()
    """,
    "a checking type noted as a dictionary, copied": """
        from sqlalchemy import JSON as J
        from sqlalchemy import TypeDecorator
        from sqlalchemy.orm import Mapped, mapped_column


        class Checked(TypeDecorator):
            impl = J
            cache_ok = True

            def process_result_value(self, value, dialect):
                return dict(value)


        class Car(Base):
            __tablename__ = "cars"
            id: Mapped[int] = mapped_column(primary_key=True)
            _extras: Mapped[dict[str, object]] = mapped_column("extras", Checked, nullable=False)

            def limit(self, key, value):
                extras = copy.deepcopy(self._extras)
                extras[key] = {"max": value}
                self._extras = extras


        def rows():
            return [Car(id=1, _extras={"a": {"b": 1}})]


        def run(session):
            session.query(Car).first().limit("x", 1)
            session.commit()
    """,
}
