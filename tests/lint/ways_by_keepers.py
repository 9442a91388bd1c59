"""Programs whose rows and documents are kept by objects: stores, services, wrappers, base classes."""

from __future__ import annotations

LOST: dict[str, str] = {
    "a key put together in a loop, of what may be new": """
        def run(session):
            team = session.get(Team, 1)
            current = team.prefs or {}
            for key, values in {"a": {"c": 1}}.items():
                if values:
                    current[key] = {**(current.get(key) or {}), **values}  # <- IND102
            team.prefs = current
            session.commit()
    """,
    "base update by setattr": """
        def apply(self, values):
            for key, value in values.items():
                setattr(self, key, value)


        class Car(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(JSON)

            def update(self, values):
                for key, value in values.items():
                    setattr(self, key, value)
                self.touch()

            def touch(self):
                pass


        def rows():
            return [Car(id=1, extras={"a": 1})]


        def run(session):
            car = session.query(Car).first()
            extras = car.extras or {}
            extras["x"] = 1  # <- IND102
            car.update({"extras": extras})
            session.commit()
    """,
    "base update by setattr inherited": """
        class Updating:
            def update(self, data=None, **kw):
                for key, value in {**(data or {}), **kw}.items():
                    setattr(self, key, value)
                return self


        class Car(Base, Updating):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(JSON)


        def rows():
            return [Car(id=1, extras={"a": 1})]


        def run(session):
            car = session.query(Car).first()
            extras = car.extras
            extras["x"] = 1  # <- IND102
            car.update(extras=extras)
            session.commit()
    """,
    "base update classmethod by id": """
        class Car(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(JSON)

            def modify(self, data):
                for key in data:
                    if hasattr(self, key):
                        setattr(self, key, data[key])
                return self


        def rows():
            return [Car(id=1, extras={"a": 1})]


        def run(session):
            car = session.query(Car).first()
            data = {"extras": car.extras}
            data["extras"]["x"] = 1  # <- IND102
            car.modify(data)
            session.commit()
    """,
    "crud base": """
        from typing import Any, Generic, TypeVar
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        M = TypeVar("M", bound=Base)


        class CRUDBase(Generic[M]):
            def __init__(self, model: type[M]):
                self.model = model

            def get(self, db, id: Any) -> M | None:
                return db.query(self.model).filter(self.model.id == id).first()


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(J)


        class CRUDCar(CRUDBase[Car]):
            pass


        car = CRUDCar(Car)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            found = car.get(session, id=1)
            found.extras["x"] = 1  # <- IND101
            session.commit()
    """,
    "crud update with dict": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        class CRUDBase:
            def __init__(self, model):
                self.model = model

            def get(self, db, id):
                return db.get(self.model, id)

            def update(self, db, *, db_obj, obj_in):
                for field in obj_in:
                    setattr(db_obj, field, obj_in[field])
                db.add(db_obj)
                db.commit()
                return db_obj

        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(J)


        crud_car = CRUDBase(Car)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            found = crud_car.get(session, 1)
            extras = found.extras
            extras["x"] = 1  # <- IND102
            crud_car.update(session, db_obj=found, obj_in={"extras": extras})
    """,
    "repository with self.session": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        class Car(Base):
            __tablename__ = "cars"
            id = Column(Integer, primary_key=True)
            extras = Column(J)


        class Repository:
            model = None

            def __init__(self, session):
                self.session = session

            def find(self, key):
                return self.session.query(self.model).get(key)

            def save(self, row):
                self.session.add(row)
                self.session.commit()


        class CarRepository(Repository):
            model = Car


        class CarService:
            def __init__(self, session):
                self.cars = CarRepository(session)

            def tune(self, key):
                car = self.cars.find(key)
                car.extras["x"] = 1  # <- IND101
                self.cars.save(car)


        def rows():
            return [Car(id=1, extras={"a": {"b": 1}, "list": [{"k": 1}]})]


        def run(session):
            CarService(session).tune(1)
    """,
    "dict view wrapper class": """
        class Prefs:
            def __init__(self, data):
                self.data = data

            def put(self, key, value):
                self.data[key] = value  # <- IND101


        def run(session):
            team = session.get(Team, 1)
            Prefs(team.prefs).put("x", 1)
            session.commit()
    """,
    "wrapper class with row": """
        class Editor:
            def __init__(self, team):
                self.team = team

            def put(self, key, value):
                self.team.prefs[key] = value  # <- IND101


        def run(session):
            Editor(session.get(Team, 1)).put("x", 1)
            session.commit()
    """,
    "method that copies, changes, assigns": """
        class Stats:
            def __init__(self, member):
                self.member = member

            def bump(self, key):
                profile = self.member.profile.copy()
                profile["a"][key] = 7  # <- IND104
                self.member.profile = profile


        def run(session):
            Stats(session.get(Member, 1)).bump("z")
            session.commit()
    """,
    "wrapper keeps the document": """
        class Prefs:
            def __init__(self, data):
                self._data = data

            def put(self, key, value):
                self._data[key] = value  # <- IND101

            def get(self, key):
                return self._data.get(key)


        def run(session):
            team = session.get(Team, 1)
            prefs = Prefs(team.prefs)
            prefs.put("x", 1)
            session.commit()
    """,
    "document loaded in another method": """
        class Service:
            def __init__(self, session):
                self.session = session
                self.team = None

            def load(self):
                self.team = self.session.query(Team).first()

            def work(self):
                self.load()
                self.team.prefs["x"] = 1  # <- IND101
                self.session.commit()


        def run(session):
            Service(session).work()
    """,
}

RIGHT: dict[str, str] = {
    "rows chosen, then copied and changed": """
        def choose(nodes):
            found = []
            for node in nodes:
                if node.badges:
                    found.append(node)
            found = sorted(found, key=lambda one: one.id)
            if found:
                first = next((node for node in found if node.name == "m"), found[0])
                first.badges = list(first.badges)
                first.badges.append("z")


        def run(session):
            choose(session.query(Member).all())
            session.commit()
    """,
    "store with or": """
        class Store:
            def __init__(self, session):
                self.session = session

            def update(self, row, changed=()):
                for name in changed:
                    flag_modified(row, name)
                self.session.commit()


        HELD = {}


        def get_store(session):
            return Store(session)


        class Keeper:
            def __init__(self, session, store=None):
                self.session = session
                self.store = store or get_store(session)

            def keep(self):
                for one in self.session.query(Team).all():
                    one.prefs["x"] = 1
                    self.store.update(one, changed=("prefs", "name"))


        def run(session):
            Keeper(session).keep()
    """,
    "wrapper keeps a copy": """
        class Prefs:
            def __init__(self, data):
                self._data = dict(data)

            def put(self, key, value):
                self._data[key] = value

            def done(self):
                return self._data


        def run(session):
            team = session.get(Team, 1)
            prefs = Prefs(team.prefs)
            prefs.put("x", 1)
            team.prefs = prefs.done()
            session.commit()
    """,
    "wrapper keeps the document, marked after": """
        class Prefs:
            def __init__(self, data):
                self._data = data

            def put(self, key, value):
                self._data[key] = value


        def run(session):
            team = session.get(Team, 1)
            prefs = Prefs(team.prefs)
            prefs.put("x", 1)
            flag_modified(team, "prefs")
            session.commit()
    """,
}
