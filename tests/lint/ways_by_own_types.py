"""Programs with types, trackers and declarations of columns of their own."""

from __future__ import annotations

_EAGER = """
        import types

        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as Plain
        from sqlalchemy.types import TypeDecorator


        class Eager(TypeDecorator):
            impl = Plain
            cache_ok = True

            def compare_values(self, x, y):
                return False


        db = types.SimpleNamespace(Column=Column)
        db.JSON = Eager


        class Dog(Base):
            __tablename__ = "dogs"
            id = Column(Integer, primary_key=True)
            traits = db.Column(db.JSON)


        def rows():
            return [Dog(id=1, traits={"a": {"b": 1}})]


        def run(session):
            dog = session.get(Dog, 1)
"""
"""A type of which every assignment counts, put into the place of JSON."""

LOST: dict[str, str] = {
    "type that takes no two values for equal, never assigned": _EAGER
    + """            dog.traits["x"] = 1  # <- IND101
            session.commit()
    """,
    "type that checks by another library what it reads": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as Plain
        from sqlalchemy.types import TypeDecorator


        class Mapping:
            def check(self, value):
                if not isinstance(value, dict):
                    raise ValueError("no dictionary")
                return value


        class Structured(TypeDecorator):
            impl = Plain
            cache_ok = True

            def __init__(self, schema):
                super().__init__()
                self.schema = schema

            def process_result_value(self, value, dialect):
                if value is None:
                    return self.schema.check({})
                return self.schema.check(value)


        class Image(Base):
            __tablename__ = "images"
            id = Column(Integer, primary_key=True)
            limits = Column(Structured(Mapping()))

            def limit(self, slot, least):
                limits = self.limits
                if limits.get(slot) is None:
                    limits[slot] = {}  # <- IND102
                limits[slot]["min"] = least  # <- IND102
                self.limits = limits


        def rows():
            return [Image(id=1, limits={"cpu": {"min": 1}})]


        def run(session):
            session.get(Image, 1).limit("cpu", 2)
            session.commit()
    """,
    "own mutable, update not announced": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.ext.mutable import Mutable


        class Watched(Mutable, dict):
            @classmethod
            def coerce(cls, key, value):
                if not isinstance(value, Watched):
                    if isinstance(value, dict):
                        return Watched(value)
                    return Mutable.coerce(key, value)
                return value

            def __setitem__(self, key, value):
                dict.__setitem__(self, key, value)
                self.changed()

            def __delitem__(self, key):
                dict.__delitem__(self, key)
                self.changed()


        class Dog(Base):
            __tablename__ = "dogs"
            id = Column(Integer, primary_key=True)
            traits = Column(Watched.as_mutable(J))


        def rows():
            return [Dog(id=1, traits={"a": 1})]


        def run(session):
            dog = session.get(Dog, 1)
            dog.traits.update(x=1)  # <- IND101
            session.commit()
    """,
    "own mutable, setdefault not announced": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.ext.mutable import Mutable


        class Watched(Mutable, dict):
            @classmethod
            def coerce(cls, key, value):
                if not isinstance(value, Watched):
                    if isinstance(value, dict):
                        return Watched(value)
                    return Mutable.coerce(key, value)
                return value

            def __setitem__(self, key, value):
                dict.__setitem__(self, key, value)
                self.changed()

            def __delitem__(self, key):
                dict.__delitem__(self, key)
                self.changed()


        class Dog(Base):
            __tablename__ = "dogs"
            id = Column(Integer, primary_key=True)
            traits = Column(Watched.as_mutable(J))


        def rows():
            return [Dog(id=1, traits={"a": 1})]


        def run(session):
            dog = session.get(Dog, 1)
            dog.traits.setdefault("x", 1)  # <- IND101
            session.commit()
    """,
    "type decorator text": """
        from sqlalchemy import Column, Integer, Text, TypeDecorator


        import json as js

        class JsonText(TypeDecorator):
            impl = Text
            cache_ok = True

            def process_bind_param(self, value, dialect):
                return js.dumps(value) if value is not None else None

            def process_result_value(self, value, dialect):
                return js.loads(value) if value is not None else None


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(JsonText)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "type decorator text with helper functions": """
        from sqlalchemy import Column, Integer, Text, TypeDecorator


        import json as js

        def to_text(value):
            return js.dumps(value)

        def from_text(value):
            return js.loads(value)

        class JsonText(TypeDecorator):
            impl = Text()
            cache_ok = True

            def process_bind_param(self, value, dialect):
                if value is None:
                    return value
                return to_text(value)

            def process_result_value(self, value, dialect):
                if value is None:
                    return value
                return from_text(value)


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(JsonText())


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "user defined type": """
        from sqlalchemy import Column, Integer


        import json as js
        from sqlalchemy.types import UserDefinedType

        class JsonType(UserDefinedType):
            cache_ok = True

            def get_col_spec(self):
                return "TEXT"

            def bind_processor(self, dialect):
                def process(value):
                    return js.dumps(value)
                return process

            def result_processor(self, dialect, coltype):
                def process(value):
                    return js.loads(value)
                return process


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(JsonType())


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "comma separated list type": """
        from sqlalchemy import Column, Integer, String, TypeDecorator


        class Commas(TypeDecorator):
            impl = String
            cache_ok = True

            def process_bind_param(self, value, dialect):
                return ",".join(value or [])

            def process_result_value(self, value, dialect):
                return value.split(",") if value else []


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(Commas(200))


        def rows():
            return [Car(id=1, extras=["a"])]


        def run(session):
            session.query(Car).first().extras.append("x")  # <- IND101
            session.commit()
    """,
    "pickle type": """
        from sqlalchemy import Column, Integer, PickleType


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(PickleType)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            session.query(Car).first().extras["x"] = 1  # <- IND101
            session.commit()
    """,
}

RIGHT: dict[str, str] = {
    "type that takes no two values for equal, assigned back": _EAGER
    + """            traits = dog.traits
            traits["a"]["b"] = 2
            dog.traits = traits
            session.commit()
            dog.traits["x"] = 1
            dog.traits = dict(dog.traits)
            session.commit()
    """,
    "own mutable, setitem announced": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.ext.mutable import Mutable


        class Watched(Mutable, dict):
            @classmethod
            def coerce(cls, key, value):
                if not isinstance(value, Watched):
                    if isinstance(value, dict):
                        return Watched(value)
                    return Mutable.coerce(key, value)
                return value

            def __setitem__(self, key, value):
                dict.__setitem__(self, key, value)
                self.changed()

            def __delitem__(self, key):
                dict.__delitem__(self, key)
                self.changed()


        class Dog(Base):
            __tablename__ = "dogs"
            id = Column(Integer, primary_key=True)
            traits = Column(Watched.as_mutable(J))


        def rows():
            return [Dog(id=1, traits={"a": 1})]


        def run(session):
            dog = session.get(Dog, 1)
            dog.traits["x"] = 1
            session.commit()
    """,
    "own mutable, update announced": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J
        from sqlalchemy.ext.mutable import Mutable


        class Watched(Mutable, dict):
            @classmethod
            def coerce(cls, key, value):
                if not isinstance(value, Watched):
                    if isinstance(value, dict):
                        return Watched(value)
                    return Mutable.coerce(key, value)
                return value

            def __setitem__(self, key, value):
                dict.__setitem__(self, key, value)
                self.changed()

            def update(self, *args, **kw):
                dict.update(self, *args, **kw)
                self.changed()

            def __delitem__(self, key):
                dict.__delitem__(self, key)
                self.changed()


        class Dog(Base):
            __tablename__ = "dogs"
            id = Column(Integer, primary_key=True)
            traits = Column(Watched.as_mutable(J))


        def rows():
            return [Dog(id=1, traits={"a": 1})]


        def run(session):
            dog = session.get(Dog, 1)
            dog.traits.update(x=1)
            session.commit()
    """,
}
