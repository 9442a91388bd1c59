"""Programs that lose a change, each of a row that it came by in another way."""

from __future__ import annotations

LOST = {
    "loop over a relationship": """
        def run(session):
            team = session.get(Team, 1)
            for m in team.members:
                m.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "walrus": """
        def run(session):
            if (team := session.get(Team, 1)) and (prefs := team.prefs):
                prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "match": """
        def run(session):
            team = session.get(Team, 1)
            match team.prefs:
                case {"a": dict() as inner}:
                    inner["b"] = 5  # <- IND101
            session.commit()
    """,
    "match on the row": """
        def run(session):
            match session.get(Team, 1):
                case Team(prefs=prefs):
                    prefs["b"] = 5  # <- IND101
            session.commit()
    """,
    "async with": """
        from sqlalchemy.ext.asyncio import AsyncSession


        async def run(session: AsyncSession):
            async with session.begin():
                team = (await session.execute(select(Team).where(Team.id == 1))).scalar_one_or_none()
                team.prefs["x"] = 1  # <- IND101
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
    "row given back by merge": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1  # <- IND101
            session.merge(team)
            session.commit()
    """,
    "setter method of the row": """
        class Robot(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "robots"
            id = Column(Integer, primary_key=True)
            state_data = Column(JSON)

            def set(self, key, value):
                self.state_data[key] = value  # <- IND101


        def run(session):
            for robot in session.query(Robot):
                robot.set("a", 1)
            session.commit()
    """,
    "row by a session of the class": """
        def run(session):
            Base.query = session.query
            team = Base.query(Team).first()
            team.prefs["x"] = 1  # <- IND101
            session.commit()
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
    "in a while": """
        def run(session):
            member = session.get(Member, 1)
            while member.badges:
                member.badges.pop()  # <- IND101
            session.commit()
    """,
    "removed while looping over a copy": """
        def run(session):
            member = session.get(Member, 1)
            for badge in list(member.badges):
                if badge == "x":
                    member.badges.remove(badge)  # <- IND101
            session.commit()
    """,
    "sorted rows": """
        def run(session):
            team = session.get(Team, 1)
            for member in sorted(team.members, key=lambda one: one.name):
                member.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "zipped rows": """
        def run(session):
            team = session.get(Team, 1)
            for member, value in zip(team.members, (1, 2)):
                member.profile["x"] = value  # <- IND101
            session.commit()
    """,
    "rows of rows": """
        def run(session):
            team = session.get(Team, 1)
            members = [member for one in [team] for member in one.members if member.profile]
            for one in members:
                one.badges.append("z")  # <- IND101
            session.commit()
    """,
    "rows in pairs": """
        def run(session):
            pairs = []
            for one in session.query(Member).all():
                pairs.append((one, "x"))
            for person, value in pairs:
                person.profile["x"] = value  # <- IND101
            session.commit()
    """,
    "first and rest": """
        def run(session):
            first, *rest = session.query(Member).order_by(Member.id).all()
            first.profile["x"] = 1  # <- IND101
            for one in rest:
                one.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "by name in a dictionary's values": """
        def run(session):
            people = {one.name: one for one in session.scalars(select(Member))}
            for person in people.values():
                person.profile["x"] = 1  # <- IND101
            for name, person in people.items():
                person.badges.append(name)  # <- IND101
            session.commit()
    """,
    "found or made": """
        def run(session):
            found = session.get(Member, 1) or Member(name="x", team_id=1, profile={}, badges=[], settings={})
            found.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "found, else made in an except": """
        from sqlalchemy.exc import NoResultFound


        def run(session):
            try:
                found = session.query(Member).filter_by(id=1).one()
            except NoResultFound:
                found = Member(name="x", team_id=1, profile={}, badges=[], settings={})
                session.add(found)
            found.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "async stream": """
        async def run(session):
            async for one in await session.stream_scalars(select(Member)):
                one.profile["x"] = 1  # <- IND101
            await session.commit()
    """,
    "async gathered": """
        import asyncio


        async def touch(one):
            one.profile["x"] = 1  # <- IND101


        async def run(session):
            people = (await session.scalars(select(Member))).all()
            await asyncio.gather(*(touch(one) for one in people))
            await session.commit()
    """,
    "sqlmodel": """
        from sqlalchemy import JSON, Column
        from sqlmodel import Field, Session as ModelSession, SQLModel
        from sqlmodel import select as select_model


        class Sidekick(SQLModel, table=True):
            id: int | None = Field(default=None, primary_key=True)
            powers: dict = Field(default_factory=dict, sa_column=Column(JSON))
            names: list[str] = Field(default_factory=list, sa_type=JSON)


        def touch(session: ModelSession):
            sidekick = session.exec(select_model(Sidekick).where(Sidekick.id == 1)).first()
            if sidekick:
                sidekick.powers["x"] = 1  # <- IND101
                sidekick.names.append("y")  # <- IND101
                session.add(sidekick)
                session.commit()
                session.refresh(sidekick)


        def run(session):
            session.commit()
    """,
    "nested transaction": """
        def run(session):
            member = session.get(Member, 1)
            with session.begin_nested():
                member.profile["x"] = 1  # <- IND101
            with session.no_autoflush:
                member.badges.append("z")  # <- IND101
            session.commit()
    """,
    "a conditional row": """
        def run(session):
            one, other = session.get(Member, 1), session.get(Member, 2)
            chosen = one if one.name == "m" else other
            chosen.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "chained in two relationships": """
        def run(session):
            for team in session.query(Team):
                for member in team.members:
                    for item in member.profile["list"]:
                        item["k"] = 0  # <- IND101
            session.commit()
    """,
    "pydantic's copy of the row, then the row": """
        def run(session):
            member = session.get(Member, 1)
            current = dict(member.profile)
            current.update(x=1)
            member.profile.update(current)  # <- IND101
            session.commit()
    """,
    "scalars in a while": """
        def run(session):
            while (found := session.scalars(select(Member).where(Member.name == "m").limit(1)).first()) is not None:
                found.profile["x"] = 1  # <- IND101
                found.name = "done"
                session.commit()
    """,
    "a mapping of rows by a default": """
        def run(session):
            people = dict(zip([1, 2], session.query(Member).all()))
            person = people.get(1)
            if person:
                person.profile["x"] = 1  # <- IND101
            session.commit()
    """,
}
