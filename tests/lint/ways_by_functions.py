"""Programs that lose a change of a row that a function gave, or an object holds."""

from __future__ import annotations

LOST = {
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
    "a wrapper of the row": """
        class Card:
            def __init__(self, member):
                self.member = member

            def note(self, key, value):
                notes = self.member.profile.setdefault("notes", {})  # <- IND101
                notes[key] = value  # <- IND101


        def run(session):
            card = Card(session.get(Member, 1))
            card.note("x", 1)
            session.commit()
    """,
    "get or create": """
        def get_or_create(session, model, defaults=None, **by):
            found = session.query(model).filter_by(**by).first()
            if found:
                return found, False
            made = model(**by, **(defaults or {}))
            session.add(made)
            session.flush()
            return made, True


        def run(session):
            thing, created = get_or_create(session, Member, id=1)
            thing.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "async with a maker": """
        async def load(session, key):
            result = await session.execute(select(Team).where(Team.id == key))
            team = result.scalar_one_or_none()
            if not team:
                raise LookupError(key)
            return team


        async def run(session):
            async with session.begin():
                team = await load(session, 1)
                team.prefs["list"].append(1)  # <- IND101
    """,
    "a query property": """
        from sqlalchemy.orm import scoped_session, sessionmaker


        def run(session):
            registry = scoped_session(sessionmaker(bind=session.get_bind()))
            Base.query = registry.query_property()
            thing = Team.query.filter_by(id=1).first()
            thing.prefs["x"] = 1  # <- IND101
            registry.commit()
            registry.remove()
    """,
    "the session of an object": """
        class Database:
            def __init__(self):
                self.session = None


        db = Database()


        def find(key):
            return db.session.get(Team, key)


        def run(session):
            db.session = session
            thing = find(1)
            if "x" not in thing.prefs:
                thing.prefs["x"] = []  # <- IND101
            thing.prefs["x"].append(1)  # <- IND101
            db.session.commit()
    """,
    "a copy of lists only": """
        def copied(value):
            if isinstance(value, list):
                return [copied(inner) for inner in value]
            elif isinstance(value, str):
                return str(value)
            else:
                return value


        def run(session):
            team = session.get(Team, 1)
            prefs = copied(team.prefs)
            prefs["x"] = 5  # <- IND102
            team.prefs = prefs
            session.commit()
    """,
    "a copy only of what is no container, and the variable bound anew": """
        def copied(value):
            if isinstance(value, (dict, list)):
                value = dict(list=value)["list"]
                return value
            return str(value)


        def run(session):
            team = session.get(Team, 1)
            prefs = copied(team.prefs)
            prefs["x"] = 5  # <- IND102
            team.prefs = prefs
            session.commit()
    """,
}
