"""Programs that lose nothing, though they look like some that do."""

from __future__ import annotations

RIGHT = {
    "a new dictionary": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs = {**team.prefs, "x": 1}
            session.commit()
    """,
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
    "trimmed copy": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = (member.badges + ["new"])[-50:]
            session.commit()
    """,
    "filtered": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = [badge for badge in member.badges if badge != "x"]
            session.commit()
    """,
    "filtered, then changed before the flush": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = [badge for badge in member.badges if badge != "x"]
            member.badges.append("z")
            session.commit()
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
    "set_attribute": """
        from sqlalchemy.orm.attributes import set_attribute


        def run(session):
            team = session.get(Team, 1)
            prefs = {**team.prefs}
            prefs["x"] = 1
            set_attribute(team, "prefs", prefs)
            session.commit()
    """,
    "flagged in a loop over names": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["x"] = 1
            member.badges.append("z")
            for name in ("profile", "badges"):
                flag_modified(member, name)
            session.commit()
    """,
    "key by a mutable": """
        def run(session):
            member = session.get(Member, 1)
            member.settings["x"] = 1
            session.commit()
    """,
    "nested put back under a mutable": """
        def run(session):
            member = session.get(Member, 1)
            inner = member.settings.get("a", {})
            inner["b"] = 7
            member.settings["a"] = inner
            session.commit()
    """,
    "deep copy": """
        def run(session):
            team = session.get(Team, 1)
            prefs = copy.deepcopy(team.prefs)
            prefs["a"]["b"] = 1000
            team.prefs = prefs
            session.commit()
    """,
    "an update statement": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1
            session.execute(update(Team).where(Team.id == 1).values(prefs=prefs))
            session.commit()
    """,
    "assigned None before": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            team.prefs = None
            session.flush()
            prefs["x"] = 1
            team.prefs = prefs
            session.commit()
    """,
    "a new row": """
        def run(session):
            member = Member(name="p", team_id=1, profile={}, badges=[], settings={})
            member.profile["x"] = 1
            session.add(member)
            session.commit()
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
    "rebuilt by map": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = list(map(str, member.badges))
            session.commit()
    """,
    "shallow and a new inner": """
        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile)
            inner = dict(profile.get("a", {}))
            inner["b"] = 1000
            profile["a"] = inner
            member.profile = profile
            session.commit()
    """,
    "plus a list": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = member.badges + ["z"]
            session.commit()
    """,
    "deep merge into a copy": """
        def deep_merge(one, other):
            merged = dict(one)
            for key, value in other.items():
                if isinstance(value, dict) and isinstance(merged.get(key), dict):
                    merged[key] = deep_merge(merged[key], value)
                else:
                    merged[key] = value
            return merged


        def run(session):
            team = session.get(Team, 1)
            team.prefs = deep_merge(team.prefs, {"a": {"c": 1}})
            session.commit()
    """,
    "sorted copy": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = sorted([*member.badges, "aaa"], key=str)
            session.commit()
    """,
    "flag with the key of the column": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1
            flag_modified(team, Team.prefs.key)
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
    "dict with a keyword": """
        def run(session):
            member = session.get(Member, 1)
            member.profile = dict(member.profile, x=1)
            session.commit()
    """,
    "copy, then assigned": """
        def run(session):
            member = session.get(Member, 1)
            profile = member.profile.copy()
            profile["x"] = 1
            member.profile = profile
            session.commit()
    """,
    "spread of what is below": """
        def run(session):
            member = session.get(Member, 1)
            member.profile = {**member.profile, "list": member.profile.get("list", []) + [{}]}
            session.commit()
    """,
    "marked in a finally": """
        def run(session):
            member = session.get(Member, 1)
            try:
                member.profile["x"] = 1
            finally:
                flag_modified(member, "profile")
            session.commit()
    """,
    "new first": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = ["new", *member.badges]
            session.commit()
    """,
}
