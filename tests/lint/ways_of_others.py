"""Programs with idioms that fit nowhere else."""

from __future__ import annotations

LOST: dict[str, str] = {
    "getattr setattr": """
        def run(session):
            team = session.get(Team, 1)
            value = getattr(team, "prefs", {})
            value["x"] = 1  # <- IND102
            setattr(team, "prefs", value)
            session.commit()
    """,
    "session begin": """
        def run(session):
            with session.begin():
                team = session.get(Team, 1)
                team.prefs["x"] = 1  # <- IND101
    """,
    "mappings": """
        def run(session):
            for found in session.execute(select(Team)).mappings():
                found["Team"].prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "next iter": """
        def run(session):
            team = next(iter(session.query(Team)))
            team.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "itertools": """
        import itertools


        def run(session):
            for one in itertools.chain(session.query(Team).all(), []):
                one.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "groupby": """
        import itertools


        def run(session):
            people = session.query(Member).order_by(Member.team_id).all()
            for team_id, group in itertools.groupby(people, key=lambda m: m.team_id):
                for one in group:
                    one.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "ior": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs |= {"x": 1}  # <- IND101
            session.commit()
    """,
    "plus equals nested value": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["a"]["b"] += 1  # <- IND101
            session.commit()
    """,
    "plus equals nested list": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["list"] += [1]  # <- IND101
            session.commit()
    """,
    "heapq": """
        import heapq


        def run(session):
            member = session.get(Member, 1)
            member.profile["heap"] = []  # <- IND101
            heapq.heappush(member.profile["heap"], 1)  # <- IND101
            session.commit()
    """,
    "random.shuffle": """
        import random


        def run(session):
            member = session.get(Member, 1)
            random.seed(1)
            random.shuffle(member.badges)  # <- IND101
            session.commit()
    """,
    "pop for its value": """
        def run(session):
            member = session.get(Member, 1)
            was = member.profile.pop("a", None)  # <- IND101
            member.name = str(was)
            session.commit()
    """,
    "change in finally": """
        def run(session):
            member = session.get(Member, 1)
            try:
                int("x")
            except ValueError as error:
                member.profile["error"] = str(error)  # <- IND101
            finally:
                member.profile["done"] = True  # <- IND101
                session.commit()
    """,
    "flag before, flush between": """
        def run(session):
            member = session.get(Member, 1)
            flag_modified(member, "profile")
            session.flush()
            member.profile["error"] = 1  # <- IND105
            session.commit()
    """,
    "dict items loop": """
        def run(session):
            team = session.get(Team, 1)
            for key, value in team.prefs.items():
                if isinstance(value, dict):
                    value["seen"] = True  # <- IND101
            session.commit()
    """,
    "enumerate set": """
        def run(session):
            member = session.get(Member, 1)
            for number, badge in enumerate(member.badges):
                if badge == "x":
                    member.badges[number] = "y"  # <- IND101
            session.commit()
    """,
    "if changed assigned": """
        def run(session):
            member = session.get(Member, 1)
            badges = member.badges or []
            if "q" not in badges:
                badges.append("q")  # <- IND102
                member.badges = badges
            session.commit()
    """,
}

RIGHT: dict[str, str] = {
    "json round trip": """
        def run(session):
            member = session.get(Member, 1)
            profile = json.loads(json.dumps(member.profile))
            profile["a"]["b"] = 9
            member.profile = profile
            session.commit()
    """,
    "flag_modified alias": """
        from sqlalchemy.orm.attributes import flag_modified as touch


        def run(session):
            member = session.get(Member, 1)
            member.profile["error"] = 1
            touch(member, "profile")
            session.commit()
    """,
    "attributes.flag_modified": """
        import sqlalchemy as sa
        import sqlalchemy.orm


        def run(session):
            member = session.get(Member, 1)
            member.profile["error"] = 1
            sa.orm.attributes.flag_modified(member, "profile")
            session.commit()
    """,
    "dataclass from column": """
        from dataclasses import asdict, dataclass


        @dataclass
        class Options:
            b: int = 0


        def run(session):
            team = session.get(Team, 1)
            options = Options(**team.prefs["a"])
            options.b = 8
            team.prefs = {**team.prefs, "a": asdict(options)}
            session.commit()
    """,
    "list() of it, removed": """
        def run(session):
            member = session.get(Member, 1)
            badges = list(member.badges or [])
            if "x" in badges:
                badges.remove("x")
            member.badges = badges
            session.commit()
    """,
}
