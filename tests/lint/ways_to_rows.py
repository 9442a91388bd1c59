"""Programs that differ in how they come by a row."""

from __future__ import annotations

LOST = {
    "query get_or_404 of a base": """
        class Crud:
            model = None

            def get(self, session, key):
                return session.get(self.model, key)


        class TeamCrud(Crud):
            model = Team


        teams = TeamCrud()


        def run(session):
            row = teams.get(session, 1)
            row.prefs["a"] = 2  # <- IND101
            session.commit()
    """,
    "generic base, model in init": """
        class Repository:
            def __init__(self, session, model):
                self.session = session
                self.model = model

            def find(self, key):
                return self.session.get(self.model, key)


        def run(session):
            found = Repository(session, Member).find(1)
            found.badges.append("new")  # <- IND101
            session.commit()
    """,
    "generic base, typed, query": """
        from typing import Generic, Type, TypeVar

        T = TypeVar("T", bound=Base)


        class Repository(Generic[T]):
            def __init__(self, model: Type[T]):
                self.model = model

            def by_id(self, session: Session, key: int) -> T | None:
                return session.query(self.model).filter(self.model.id == key).first()

            def everything(self, session: Session) -> list[T]:
                return session.query(self.model).all()


        class Members(Repository[Member]):
            pass


        members = Members(Member)


        def run(session):
            found = members.by_id(session, 1)
            found.profile["a"]["b"] = 3  # <- IND101
            for one in members.everything(session):
                one.badges.clear()  # <- IND101
            session.commit()
    """,
    "a class method of a mixin": """
        class Finding:
            @classmethod
            def find(cls, session, key):
                return session.query(cls).filter(cls.id == key).one()

            @classmethod
            def everyone(cls, session):
                return session.scalars(select(cls)).all()


        class Badge(Finding, Base):
            __tablename__ = "badges"
            from sqlalchemy import JSON, Column, Integer
            id = Column(Integer, primary_key=True)
            extras = Column(JSON)


        def run(session):
            x = Badge.find(session, 1) if False else None
            if x:
                x.extras.update(a=1)  # <- IND101
            for y in Badge.everyone(session):
                y.extras["b"] = 1  # <- IND101
            session.commit()
    """,
    "a function that takes the model": """
        def get_or_404(session, model, key):
            found = session.get(model, key)
            if found is None:
                raise LookupError(key)
            return found


        def run(session):
            thing = get_or_404(session, Team, 1)
            thing.prefs.update({"x": 1})  # <- IND101
            session.commit()
    """,
    "select in a function that takes the model": """
        def first_of(session, model, **by):
            return session.execute(select(model).filter_by(**by)).scalar_one()


        def run(session):
            first_of(session, Member, id=1).profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "context manager of the project": """
        from contextlib import contextmanager


        @contextmanager
        def committing(session):
            yield session
            session.commit()


        @contextmanager
        def opened(session, key):
            row = session.get(Team, key)
            yield row
            session.commit()


        def run(session):
            with opened(session, 1) as team:
                team.prefs["x"] = 1  # <- IND101
            with committing(session) as s:
                s.get(Team, 1).prefs["y"] = 1  # <- IND101
    """,
    "decorator that gives the row": """
        import functools


        def with_team(view):
            @functools.wraps(view)
            def inner(session, key):
                team = session.get(Team, key)
                return view(session, team)
            return inner


        @with_team
        def rename(session, team):
            team.prefs["name"] = "x"  # <- IND101
            session.commit()


        def run(session):
            rename(session, 1)
    """,
    "a dependency": """
        def Depends(of):
            return of


        def current(session, key=1):
            return session.get(Member, key)


        def view(session, me=Depends(current)):
            me.profile["x"] = 1  # <- IND101
            session.commit()


        def run(session):
            view(session, current(session))
    """,
    "annotated dependency": """
        from typing import Annotated


        def Depends(of):
            return of


        def current(session, key=1):
            return session.get(Member, key)


        Current = Annotated[Member, Depends(current)]


        def view(session, me: Current, other: Annotated[Team, Depends(None)]):
            me.profile["x"] = 1  # <- IND101
            other.prefs["x"] = 1  # <- IND101
            session.commit()


        def run(session):
            view(session, current(session), session.get(Team, 1))
    """,
    "async with": """
        from sqlalchemy.ext.asyncio import AsyncSession


        async def run(session: AsyncSession):
            async with session.begin():
                team = (await session.execute(select(Team).where(Team.id == 1))).scalar_one_or_none()
                team.prefs["x"] = 1  # <- IND101
    """,
    "async get": """
        from sqlalchemy.ext.asyncio import AsyncSession


        class Service:
            def __init__(self, session: AsyncSession):
                self.session = session

            async def team(self, key):
                result = await self.session.execute(select(Team).where(Team.id == key))
                return result.scalars().first()

            async def save(self, key):
                team = await self.team(key)
                if team is None:
                    return
                team.prefs["x"] = {**team.prefs.get("x", {}), "y": 1}  # <- IND101
                await self.session.commit()


        async def run(session):
            await Service(session).save(1)
    """,
    "loop over a relationship": """
        def run(session):
            team = session.get(Team, 1)
            for m in team.members:
                m.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "row in a dictionary by id": """
        def run(session):
            by_id = {m.id: m for m in session.query(Member).all()}
            by_id[1].profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "rows grouped in lists": """
        from collections import defaultdict


        def run(session):
            groups = defaultdict(list)
            for member in session.scalars(select(Member)):
                groups[member.team_id].append(member)
            for key, members in groups.items():
                for one in members:
                    one.badges.append("x")  # <- IND101
            session.commit()
    """,
    "row and another column in a result row": """
        def run(session):
            rows = session.execute(select(Member, Team.name).join(Team)).all()
            for member, name in rows:
                member.profile["team"] = name  # <- IND101
            session.commit()
    """,
    "attribute of a result row": """
        def run(session):
            for found in session.execute(select(Member, Team).join(Team)):
                found.Member.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "a generator": """
        def pending(session):
            for member in session.query(Member):
                if member.profile.get("a"):
                    yield member


        def run(session):
            for member in pending(session):
                member.profile["a"] = None  # <- IND101
            session.commit()
    """,
    "a tuple returned": """
        def both(session):
            team = session.get(Team, 1)
            return team, team.members


        def run(session):
            team, members = both(session)
            team.prefs.pop("a")  # <- IND101
            members[0].badges.pop()  # <- IND101
            session.commit()
    """,
    "a dataclass that holds the row": """
        from dataclasses import dataclass


        @dataclass
        class Context:
            session: Session
            team: Team


        def work(context: Context):
            context.team.prefs["x"] = 1  # <- IND101
            context.session.commit()


        def run(session):
            work(Context(session, session.get(Team, 1)))
    """,
    "an untyped holder of the row": """
        class Work:
            def __init__(self, session, key):
                self.session = session
                self.team = session.get(Team, key)

            def go(self):
                self.team.prefs["x"] = 1  # <- IND101
                self.session.commit()


        def run(session):
            Work(session, 1).go()
    """,
    "lazily loaded by the holder": """
        class Work:
            def __init__(self, session):
                self.session = session
                self._row = None

            @property
            def row(self):
                if self._row is None:
                    self._row = self.session.get(Team, 1)
                return self._row

            def go(self):
                self.row.prefs["x"] = 1  # <- IND101
                self.session.commit()


        def run(session):
            Work(session).go()
    """,
    "lambda default": """
        def run(session):
            team = next((t for t in session.query(Team) if t.id == 1), None)
            team.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "list of one": """
        def run(session):
            [team] = session.query(Team).all()
            team.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "unique scalars": """
        from sqlalchemy.orm import joinedload


        def run(session):
            team = session.execute(select(Team).options(joinedload(Team.members))).unique().scalar_one()
            team.members[0].profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "chained from a child": """
        def run(session):
            member = session.get(Member, 1)
            member.team.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "row by a session of the class": """
        def run(session):
            Base.query = session.query
            team = Base.query(Team).first()
            team.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
}

RIGHT = {
    "a generic base and a copy": """
        class Crud:
            def __init__(self, model):
                self.model = model

            def get(self, session, key):
                return session.get(self.model, key)

            def update(self, session, row, values):
                for name, value in values.items():
                    setattr(row, name, value)
                session.commit()
                return row


        teams = Crud(Team)


        def run(session):
            row = teams.get(session, 1)
            prefs = dict(row.prefs)
            prefs["a"] = 2
            teams.update(session, row, {"prefs": prefs})
    """,
    "marked in a context manager": """
        from contextlib import contextmanager


        @contextmanager
        def editing(session, row):
            yield row.prefs
            flag_modified(row, "prefs")
            session.commit()


        def run(session):
            with editing(session, session.get(Team, 1)) as prefs:
                prefs["x"] = 1
    """,
    "a new row by a function": """
        def made(name):
            return Member(name=name, team_id=1, profile={}, badges=[], settings={})


        def run(session):
            member = made("p")
            session.add(member)
            member.profile["x"] = 1
            member.badges.append("z")
            session.commit()
    """,
    "marked in a method of the base": """
        class Marking:
            def touch(self, *names):
                for name in names:
                    flag_modified(self, name)


        class Ship(Marking, Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "ships"
            id = Column(Integer, primary_key=True)
            cargo = Column(JSON)


        def run(session):
            from sqlalchemy import insert
            session.execute(update(Team).values(prefs={"n": 0}))
            for ship in session.query(Ship):
                ship.cargo["x"] = 1
                ship.touch("cargo")
            session.commit()
    """,
    "a plain class of the same attribute": """
        class Options:
            def __init__(self):
                self.prefs = {}


        def run(session):
            options = Options()
            options.prefs["x"] = 1
            session.get(Team, 1).prefs = options.prefs
            session.commit()
    """,
    "a new row": """
        def run(session):
            member = Member(name="p", team_id=1, profile={}, badges=[], settings={})
            member.profile["x"] = 1
            session.add(member)
            session.commit()
    """,
}
