"""Programs that lose a change of rows that classes, queries and annotations tell of."""

from __future__ import annotations

LOST = {
    "a column of the class above": """
        class Boat(Base):
            from sqlalchemy import JSON, Column, Integer, String
            __tablename__ = "boats"
            id = Column(Integer, primary_key=True)
            kind = Column(String)
            rigging = Column(JSON)
            __mapper_args__ = {"polymorphic_on": kind}


        class Sloop(Boat):
            __mapper_args__ = {"polymorphic_identity": "sloop"}

            def reef(self):
                self.rigging["reefs"] = 1  # <- IND101


        def run(session):
            for boat in session.query(Sloop):
                boat.reef()
            session.commit()
    """,
    "mapped as a dataclass": """
        from sqlalchemy import JSON
        from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column


        class Other(MappedAsDataclass, DeclarativeBase):
            pass


        class Note(Other):
            __tablename__ = "notes"
            id: Mapped[int] = mapped_column(primary_key=True, init=False)
            lines: Mapped[list[str]] = mapped_column(JSON, default_factory=list)


        def add(session: Session, key: int, line: str) -> Note:
            note = session.get_one(Note, key)
            note.lines.append(line)  # <- IND101
            session.commit()
            return note


        def run(session):
            session.commit()
    """,
    "mapped by a registry": """
        from sqlalchemy import JSON, Column, Integer
        from sqlalchemy.orm import registry

        mapper_registry = registry()


        @mapper_registry.mapped
        class Note:
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)
            lines = Column(JSON)


        def run(session):
            if session is None:
                note = session.get(Note, 1)
                note.lines.append("x")  # <- IND101
            session.commit()
    """,
    "a setter that copies after the change": """
        class Kite(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "kites"
            id = Column(Integer, primary_key=True)
            _lines = Column("lines", JSON)

            @property
            def lines(self):
                return self._lines

            @lines.setter
            def lines(self, value):
                self._lines = value


        def run(session):
            for kite in session.query(Kite):
                lines = kite.lines
                lines["x"] = 1  # <- IND102
                kite.lines = lines
            session.commit()
    """,
    "cast to its class": """
        from typing import cast


        def run(session):
            thing = cast(Team, session.identity_map.get((Team, (1,), None)) or session.get(Team, 1))
            thing.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "asserted to be of its class": """
        def work(session, thing):
            assert isinstance(thing, Team)
            thing.prefs["x"] = 1  # <- IND101
            session.commit()


        def run(session):
            work(session, session.get(Team, 1))
    """,
    "a statement built in steps": """
        def run(session):
            statement = select(Team).order_by(Team.id)
            if statement is not None:
                statement = statement.where(Team.id == 1)
            statement = statement.limit(1)
            thing = session.execute(statement).scalars().one()
            thing.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "a query given by a function": """
        def teams(session):
            return session.query(Team).order_by(Team.id)


        def statement():
            return select(Member).where(Member.id == 1)


        def run(session):
            thing = teams(session).filter_by(id=1).first()
            thing.prefs["x"] = 1  # <- IND101
            other = session.scalar(statement())
            other.badges.append("z")  # <- IND101
            session.commit()
    """,
    "noted as a typed dictionary": """
        from typing import TypedDict


        class Profile(TypedDict, total=False):
            x: int
            tags: list[str]


        def fill(profile: Profile) -> None:
            profile.update(x=1)  # <- IND101
            profile.setdefault("tags", []).append("y")  # <- IND101


        def run(session):
            member = session.get(Member, 1)
            fill(member.profile)
            profile: Profile = member.profile
            profile.pop("x", None)  # <- IND101
            session.commit()
    """,
    "a row in a dictionary that is handed on": """
        def work(context):
            context["team"].prefs["x"] = 1  # <- IND101
            context["session"].commit()


        def run(session):
            work({"session": session, "team": session.get(Team, 1)})
    """,
    "a row kept in a dictionary of an object": """
        class Cache:
            def __init__(self, session):
                self.session = session
                self.teams = {}

            def load(self):
                for found in self.session.query(Team):
                    self.teams[found.id] = found

            def touch(self, key):
                team = self.teams[key]
                team.prefs["x"] = 1  # <- IND101
                self.session.commit()


        def run(session):
            cache = Cache(session)
            cache.load()
            cache.touch(1)
    """,
    "in a class body's static method": """
        class Work:
            @staticmethod
            def touch(member: Member) -> None:
                member.profile["x"] = 1  # <- IND101


        def run(session):
            Work.touch(session.get(Member, 1))
            session.commit()
    """,
    "a callable object": """
        class Touch:
            def __init__(self, key):
                self.key = key

            def __call__(self, member):
                member.profile[self.key] = 1  # <- IND101


        def run(session):
            touch = Touch("x")
            touch(session.get(Member, 1))
            session.commit()
    """,
    "yielded by a context that commits": """
        import contextlib


        class Store:
            def __init__(self, session):
                self.session = session

            @contextlib.contextmanager
            def team(self, key):
                found = self.session.get(Team, key)
                try:
                    yield found
                    self.session.commit()
                except ValueError:
                    self.session.rollback()
                    raise


        def run(session):
            with Store(session).team(1) as thing:
                thing.prefs["x"] = 1  # <- IND101
    """,
    "async session by attribute": """
        class Service:
            def __init__(self, db):
                self.db = db

            async def get(self, key):
                return await self.db.get(Member, key)

            async def add(self, key, badge):
                member = await self.get(key)
                badges = member.badges if member.badges is not None else []
                badges.append(badge)  # <- IND102
                member.badges = badges
                self.db.add(member)
                await self.db.commit()
                await self.db.refresh(member)
                return member


        async def run(session):
            await Service(session).add(1, "z")
    """,
    "a method that only one class has, of an object of unknown class": """
        class Shelf:
            def __init__(self, session):
                self.session = session

            def book_by_id(self, key):
                return self.session.get(Team, key)


        class Work:
            def __init__(self, shelf, session):
                self.shelf = shelf
                self.session = session

            def go(self):
                thing = self.shelf.book_by_id(1)
                thing.prefs["x"] = 1  # <- IND101
                self.session.commit()


        def run(session):
            Work(Shelf(session), session).go()
    """,
}
