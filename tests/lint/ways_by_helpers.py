"""Programs that lose a change made by a function or a method that is given a document."""

from __future__ import annotations

LOST = {
    "name of the column in a variable": """
        def put(row, column, key, value):
            held = getattr(row, column) or {}
            held[key] = value  # <- IND102
            setattr(row, column, held)


        def run(session):
            put(session.get(Member, 1), "profile", "x", 1)
            session.commit()
    """,
    "name of the column in a loop": """
        def run(session):
            member = session.get(Member, 1)
            for column in ("profile", "badges"):
                getattr(member, column).clear()  # <- IND101
            session.commit()
    """,
    "property that gives the column or something empty": """
        class Player(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "players"
            id = Column(Integer, primary_key=True)
            stats_json = Column(JSON)

            @property
            def stats(self):
                if self.stats_json is None:
                    self.stats_json = {}
                return self.stats_json

            def score(self, points):
                self.stats["score"] = points  # <- IND101


        def run(session):
            for player in session.query(Player):
                player.score(1)
            session.commit()
    """,
    "helper that changes its parameter": """
        def stamp(document, by):
            document["by"] = by  # <- IND101
            document.setdefault("log", []).append(by)  # <- IND101


        def run(session):
            stamp(session.get(Team, 1).prefs, "me")
            session.commit()
    """,
    "helper for new rows and for loaded ones": """
        def stamp(team, by):
            if "by" not in team.prefs:
                team.prefs["by"] = by  # <- IND101


        def create(session, name):
            team = Team(name=name, prefs={})
            stamp(team, name)
            session.add(team)


        def change(session):
            stamp(session.get(Team, 1), "me")


        def run(session):
            change(session)
            session.commit()
    """,
    "helper deep in another": """
        def deep_merge(into, other):
            for key, value in other.items():
                if isinstance(value, dict) and isinstance(into.get(key), dict):
                    deep_merge(into[key], value)
                else:
                    into[key] = value  # <- IND102
            return into


        def run(session):
            team = session.get(Team, 1)
            team.prefs = deep_merge(team.prefs, {"a": {"c": 1}})
            session.commit()
    """,
    "attribute set by keyword update": """
        def modify(row, **values):
            for name, value in values.items():
                setattr(row, name, value)


        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            modify(team, prefs=prefs)
            session.commit()
    """,
    "a tree walked": """
        def visit(node):
            node["seen"] = True  # <- IND101
            for child in node.get("list", []):
                visit(child)


        def run(session):
            visit(session.get(Member, 1).profile)
            session.commit()
    """,
    "a path set": """
        def put(document, path, value):
            *above, last = path.split(".")
            for key in above:
                document = document.setdefault(key, {})  # <- IND101
            document[last] = value  # <- IND101


        def run(session):
            member = session.get(Member, 1)
            put(member.profile, "a.b", 5)
            session.commit()
    """,
    "a path set, assigned back": """
        def put(document, path, value):
            node = document
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = value  # <- IND102
            return document


        def run(session):
            member = session.get(Member, 1)
            member.profile = put(member.profile, ["a", "b"], 5)
            session.commit()
    """,
    "a method that gives the column": """
        class Parrot(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "parrots"
            id = Column(Integer, primary_key=True)
            words_known = Column(JSON)

            def words(self):
                return self.words_known or {}


        def run(session):
            for parrot in session.query(Parrot):
                parrot.words()["x"] = 1  # <- IND101
            session.commit()
    """,
    "a property below the column": """
        class Parrot(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "parrots"
            id = Column(Integer, primary_key=True)
            words_known = Column(JSON)

            @property
            def latin(self):
                return self.words_known["latin"]


        def run(session):
            for parrot in session.scalars(select(Parrot)):
                parrot.latin.append("x")  # <- IND101
            session.commit()
    """,
    "mutable dict, update below": """
        def run(session):
            member = session.get(Member, 1)
            member.settings["a"].update(b=9)  # <- IND103
            session.commit()
    """,
    "an object of the column's own type": """
        import dataclasses
        from sqlalchemy import Column, Integer
        from sqlalchemy.types import JSON as SomeJson, TypeDecorator


        @dataclasses.dataclass
        class Options:
            color: str = "red"
            sizes: list = dataclasses.field(default_factory=list)

            @classmethod
            def from_dict(cls, values):
                return cls(**values)


        class OptionsType(TypeDecorator):
            impl = SomeJson
            cache_ok = True

            def process_bind_param(self, value, dialect):
                return dataclasses.asdict(value)

            def process_result_value(self, value, dialect):
                return Options.from_dict(value)


        class Shirt(Base):
            __tablename__ = "shirts"
            id = Column(Integer, primary_key=True)
            options = Column(OptionsType)


        def run(session):
            for shirt in session.query(Shirt):
                shirt.options.color = "blue"  # <- IND101
                shirt.options.sizes.append(1)  # <- IND101
            session.commit()
    """,
    "changed by a method of another object": """
        class Editor:
            def put(self, document, key, value):
                document[key] = value  # <- IND102
                return document


        def run(session):
            member = session.get(Member, 1)
            member.profile = Editor().put(member.profile, "x", 1)
            session.commit()
    """,
    "changed by a function that gives nothing back, then assigned": """
        def put(document, key, value):
            document[key] = value  # <- IND102


        def run(session):
            member = session.get(Member, 1)
            profile = member.profile or {}
            put(profile, "x", 1)
            member.profile = profile
            session.commit()
    """,
    "the update of a class of its own": """
        class Changing:
            def update(self, **values):
                for name, value in values.items():
                    setattr(self, name, value)


        class Door(Changing, Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "doors"
            id = Column(Integer, primary_key=True)
            locks = Column(JSON)


        def run(session):
            for door in session.query(Door):
                locks = door.locks
                locks.append(1)  # <- IND102
                door.update(locks=locks)
            session.commit()
    """,
}
