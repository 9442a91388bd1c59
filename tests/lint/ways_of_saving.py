"""Programs that lose nothing: copies, and assignments that differ."""

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
    "set_attribute": """
        from sqlalchemy.orm.attributes import set_attribute


        def run(session):
            team = session.get(Team, 1)
            prefs = {**team.prefs}
            prefs["x"] = 1
            set_attribute(team, "prefs", prefs)
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
    "new first": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = ["new", *member.badges]
            session.commit()
    """,
    "set by name, copied": """
        def run(session):
            member = session.get(Member, 1)
            for field in ("profile",):
                setattr(member, field, {**getattr(member, field), "x": 1})
            session.commit()
    """,
    "a helper that copies by name": """
        def put(row, column, key, value):
            held = dict(getattr(row, column) or {})
            held[key] = value
            setattr(row, column, held)


        def run(session):
            put(session.get(Member, 1), "profile", "x", 1)
            session.commit()
    """,
    "an answer made of the document": """
        def answer(member):
            shown = dict(member.profile)
            shown["a"]["shown"] = True
            return shown


        def run(session):
            session.get(Team, 1).prefs = answer(session.get(Member, 1))
            session.commit()
    """,
    "sorted of a new list": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = sorted((str(badge) for badge in member.badges), reverse=True)
            session.commit()
    """,
    "a slice without a change before": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = member.badges[:1]
            session.commit()
    """,
    "changed, then cut for certain": """
        def run(session):
            member = session.get(Member, 1)
            badges = member.badges
            badges.append("z")
            member.badges = badges[1:]
            session.commit()
    """,
    "an element removed by a filter after a copy": """
        def run(session):
            member = session.get(Member, 1)
            badges = list(member.badges)
            badges.append("z")
            member.badges = [badge for badge in badges if badge]
            session.commit()
    """,
    "grouped copies": """
        from collections import defaultdict


        def run(session):
            groups = defaultdict(list)
            for member in session.query(Member):
                groups[member.team_id].append(member.name)
            for key, names in groups.items():
                names.append("x")
                session.get(Team, key).prefs = {"names": names}
            session.commit()
    """,
    "deep copy by json": """
        def run(session):
            member = session.get(Member, 1)
            profile = json.loads(json.dumps(member.profile))
            profile["a"]["b"] = 77
            member.profile = profile
            session.commit()
    """,
    "a setter that copies before the change": """
        class Kite(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "kites"
            id = Column(Integer, primary_key=True)
            lines_json = Column(JSON)

            @property
            def lines(self):
                return dict(self.lines_json or {})

            @lines.setter
            def lines(self, value):
                self.lines_json = value


        def run(session):
            for kite in session.query(Kite):
                lines = kite.lines
                lines["x"] = 1
                kite.lines = lines
            session.get(Team, 1).prefs = {}
            session.commit()
    """,
    "a copy that functions make of each other, for whatever is a container": """
        import datetime


        def plain(value):
            if isinstance(value, datetime.datetime):
                return value.isoformat()
            elif isinstance(value, dict):
                return plain_dict(value)
            elif isinstance(value, list):
                return plain_list(value)
            elif value is None:
                return None
            elif hasattr(value, "plain"):
                return value.plain()
            else:
                return value


        def plain_dict(values):
            result = {}
            for key in values.keys():
                result[key] = plain(values[key])
            return result


        def plain_list(values):
            return values if values is None else [plain(value) for value in values]


        def run(session):
            for team in session.query(Team).all():
                prefs = plain(team.prefs) or {}
                gone = prefs.pop("gone", None)
                prefs["kept"] = gone
                prefs["a"]["b"] = 5
                team.prefs = prefs
            session.commit()
    """,
    "a copy by one function, in a line each": """
        def copied(value):
            if isinstance(value, dict):
                return {key: copied(inner) for key, inner in value.items()}
            if isinstance(value, (list, tuple)):
                return [copied(inner) for inner in value]
            return value


        def run(session):
            team = session.get(Team, 1)
            prefs = copied(team.prefs)
            prefs["a"]["b"] = 5
            team.prefs = prefs
            session.commit()
    """,
    "a copy of what is a container, of any other value the value": """
        def copied(value):
            if not isinstance(value, dict | list):
                return value
            return copy.deepcopy(value)


        def run(session):
            team = session.get(Team, 1)
            prefs = copied(team.prefs)
            prefs["x"] = 5
            team.prefs = prefs
            session.commit()
    """,
    "a row of another session takes it, through a store that sets by name": """
        class Teams:
            def __init__(self, bind):
                self.bind = bind

            def list(self):
                with Session(self.bind, expire_on_commit=False) as session:
                    return session.scalars(select(Team)).all()

            def update(self, key, values):
                with Session(self.bind) as session:
                    team = session.get(Team, key)
                    for name, value in values.items():
                        setattr(team, name, value)
                    session.commit()


        def run(session):
            teams = Teams(session.get_bind())
            for team in teams.list():
                prefs = team.prefs or {}
                prefs.pop("gone", None)
                teams.update(team.id, {"prefs": prefs})
    """,
    "changed, then assigned a display": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1
            team.prefs = {"state": "started", "tries": 0}
            session.commit()
    """,
    "changed, then assigned a display of its parts if it was": """
        def run(session):
            team = session.get(Team, 1)
            changed = False
            if "x" not in team.prefs:
                team.prefs["x"] = 1
                changed = True
            if changed:
                team.prefs = {"x": team.prefs["x"]}
            session.commit()
    """,
}
