"""Programs that lose nothing: rows are new, or no rows, or written by SQL."""

from __future__ import annotations

RIGHT = {
    "an update statement": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1
            session.execute(update(Team).where(Team.id == 1).values(prefs=prefs))
            session.commit()
    """,
    "a new row": """
        def run(session):
            member = Member(name="p", team_id=1, profile={}, badges=[], settings={})
            member.profile["x"] = 1
            session.add(member)
            session.commit()
    """,
    "a new row, filled by a function with a part of what is given": """
        def fill(member):
            member.profile["x"] = 1
            member.profile["a"]["y"] = 2
            member.badges.append(member.name)


        def create(session, given):
            member = Member(name="p", team_id=1, badges=given["badges"], settings={})
            member.profile = given.get("profile")
            fill(member)
            session.add(member)


        def run(session):
            create(session, {"profile": {"a": {}}, "badges": []})
            session.commit()
    """,
    "a given part, changed by a function before the flush": """
        def fill(member):
            member.profile["x"] = 1


        def replace(session, given):
            member = session.get(Member, 1)
            member.profile = given.get("profile")
            fill(member)


        def run(session):
            replace(session, {"profile": {"a": {}}})
            session.commit()
    """,
    "an update by a query in a variable": """
        def run(session):
            found = session.query(Team)
            for team in found.filter(Team.name != "").all():
                team.prefs["x"] = False
                found.filter_by(id=team.id).update({"prefs": team.prefs}, synchronize_session=False)
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
    "filled before the insert": """
        from sqlalchemy import event


        @event.listens_for(Team, "before_insert")
        def fill(mapper, connection, target):
            target.prefs["made"] = True


        def run(session):
            session.add(Team(id=9, name="x", prefs={}))
            session.commit()
    """,
    "filled by its own constructor": """
        class Kite(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "kites"
            id = Column(Integer, primary_key=True)
            lines = Column(JSON)

            def __init__(self, **values):
                super().__init__(**values)
                self.lines = self.lines or {}
                self.lines["x"] = 1


        def run(session):
            session.add(Kite(lines={}))
            session.get(Team, 1).prefs = {}
            session.commit()
    """,
    "filled by a validator": """
        from sqlalchemy.orm import validates


        class Kite(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "kites"
            id = Column(Integer, primary_key=True)
            lines = Column(JSON)

            @validates("lines")
            def check(self, key, value):
                value["x"] = 1
                return value


        def run(session):
            session.add(Kite(lines={}))
            session.get(Team, 1).prefs = {}
            session.commit()
    """,
    "a new row that takes over a document": """
        def run(session):
            team = session.get(Team, 1)
            other = Team(id=7, name="copy", prefs=team.prefs)
            other.prefs["x"] = 1
            session.add(other)
            session.commit()
    """,
    "by a model of pydantic": """
        from pydantic import BaseModel


        class Prefs(BaseModel):
            theme: str = "light"


        def run(session):
            team = session.get(Team, 1)
            prefs = Prefs.model_validate(team.prefs)
            prefs.theme = "dark"
            team.prefs = prefs.model_dump()
            session.commit()
    """,
    "read by the core, written by the core": """
        from sqlalchemy import Table


        def run(session):
            teams = Team.__table__
            connection = session.connection()
            for found in connection.execute(select(teams.c.id, teams.c.prefs)).all():
                prefs = found.prefs
                prefs["x"] = 1
                connection.execute(teams.update().where(teams.c.id == found.id).values(prefs=prefs))
            session.commit()
    """,
    "a queue's job of the same attributes": """
        class Job:
            def __init__(self, meta):
                self.meta = meta
                self.profile = {}

            def save_meta(self):
                return self.meta


        def get_current_job():
            return Job({})


        def run(session):
            job = get_current_job()
            job.profile["progress"] = 1
            job.save_meta()
            session.get(Team, 1).prefs = job.profile
            session.commit()
    """,
    "deleted and added anew": """
        def run(session):
            team = Team(id=5, name="t", prefs={})
            session.add(team)
            team.prefs["x"] = 1
            team.prefs.setdefault("list", []).append(2)
            session.commit()
    """,
    "marked by a method that only one class has, of an object of unknown class": """
        class Shelf:
            def __init__(self, session):
                self.session = session

            def put_back(self, book):
                flag_modified(book, "prefs")
                self.session.commit()


        class Work:
            def __init__(self, shelf):
                self.shelf = shelf

            def go(self, team: Team):
                team.prefs["x"] = 1
                self.shelf.put_back(team)


        def run(session):
            Work(Shelf(session)).go(session.get(Team, 1))
    """,
}
