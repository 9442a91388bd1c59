"""More programs that lose nothing, though they look like some that do."""

from __future__ import annotations

RIGHT = {
    "assigned, then filled before the flush": """
        def run(session):
            member = session.get(Member, 1)
            member.profile = filled = {}
            filled["x"] = 1
            session.commit()
    """,
    "a copy that is filled": """
        def run(session):
            member = session.get(Member, 1)
            profile = {}
            for key, value in member.profile.items():
                profile[key] = str(value)
            member.profile = profile
            session.commit()
    """,
    "a mutable's setdefault": """
        def run(session):
            member = session.get(Member, 1)
            member.settings.setdefault("z", {})["b"] = 1
            session.commit()
    """,
    "a mutable's key replaced": """
        def run(session):
            member = session.get(Member, 1)
            member.settings["a"] = {**member.settings["a"], "b": 7}
            session.commit()
    """,
    "a mutable told": """
        def run(session):
            member = session.get(Member, 1)
            member.settings["a"]["b"] = 7
            member.settings.changed()
            session.commit()
    """,
    "a mutable updated": """
        def run(session):
            member = session.get(Member, 1)
            member.settings.update(x=1)
            member.settings.pop("a")
            session.commit()
    """,
    "a function that marks what it is told": """
        def save(session, row, *fields):
            for field in fields:
                flag_modified(row, field)
            session.commit()


        def run(session):
            member = session.get(Member, 1)
            member.profile["x"] = 1
            member.badges.append("z")
            save(session, member, "profile", "badges")
    """,
    "set by name, copied": """
        def run(session):
            member = session.get(Member, 1)
            for field in ("profile",):
                setattr(member, field, {**getattr(member, field), "x": 1})
            session.commit()
    """,
    "a helper that sets and marks by name": """
        def put(row, column, key, value):
            held = getattr(row, column) or {}
            held[key] = value
            setattr(row, column, held)
            flag_modified(row, column)


        def run(session):
            put(session.get(Member, 1), "profile", "x", 1)
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
    "a generic base that marks": """
        class Store:
            def __init__(self, session, model):
                self.session = session
                self.model = model

            def get(self, key):
                return self.session.get(self.model, key)

            def save(self, row, field):
                flag_modified(row, field)
                self.session.commit()


        def run(session):
            store = Store(session, Team)
            thing = store.get(1)
            thing.prefs["x"] = 1
            store.save(thing, "prefs")
    """,
    "all columns marked by the mapper": """
        from sqlalchemy import inspect


        def save(session, row):
            for column in inspect(row).mapper.column_attrs:
                flag_modified(row, column.key)
            session.commit()


        def run(session):
            thing = session.get(Team, 1)
            thing.prefs["x"] = 1
            save(session, thing)
    """,
    "text parsed anew": """
        class Letter(Base):
            from sqlalchemy import Column, Integer, Text
            __tablename__ = "letters"
            id = Column(Integer, primary_key=True)
            text = Column(Text)

            @property
            def profile(self):
                return json.loads(self.text)


        def run(session):
            for letter in session.query(Letter):
                content = letter.profile
                content["x"] = 1
                letter.text = json.dumps(content)
            session.get(Team, 1).prefs = {}
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
    "a dataclass of the same attribute": """
        from dataclasses import dataclass, field


        @dataclass
        class Draft:
            profile: dict = field(default_factory=dict)
            badges: list = field(default_factory=list)


        def run(session):
            draft = Draft()
            draft.profile["x"] = 1
            draft.badges.append("z")
            member = session.get(Member, 1)
            member.profile, member.badges = draft.profile, draft.badges
            session.commit()
    """,
    "a select of columns, by an update": """
        def run(session):
            for key, profile in session.execute(select(Member.id, Member.profile)).all():
                profile["x"] = 1
                session.execute(update(Member).where(Member.id == key).values(profile=profile))
            session.commit()
    """,
    "in bulk mappings": """
        def run(session):
            changed = []
            for member in session.query(Member):
                profile = dict(member.profile)
                profile["x"] = 1
                changed.append({"id": member.id, "profile": profile})
            session.bulk_update_mappings(Member, changed)
            session.commit()
    """,
    "a generic walk over a parsed text": """
        def visit(node):
            node["seen"] = True
            for child in node.get("list", []):
                visit(child)


        def run(session):
            document = json.loads('{"list": [{}]}')
            visit(document)
            session.get(Member, 1).profile = document
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
    "the row's class by a name that another class has": """
        class Request:
            def __init__(self):
                self.profile = {}
                self.badges = []


        def fill(request):
            request.profile["x"] = 1
            request.badges.append("y")


        def run(session):
            request = Request()
            fill(request)
            session.get(Member, 1).profile = request.profile
            session.commit()
    """,
    "an own class with a get": """
        class Store:
            def __init__(self):
                self.kept = {}

            def get(self, model, key):
                return self.kept.setdefault(key, {"prefs": {}})


        def run(session):
            held = Store().get(Team, 1)
            held["prefs"]["x"] = 1
            session.get(Team, 1).prefs = held["prefs"]
            session.commit()
    """,
}
