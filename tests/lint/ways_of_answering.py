"""Programs whose change is lost and was not meant to be saved."""

from __future__ import annotations

UNMEANT = {
    "an answer": """
        def profile_of(session, key):
            profile = session.get(Member, key).profile
            profile["shown"] = True
            return profile


        def run(session):
            profile_of(session, 1)
    """,
    "a dictionary of the row": """
        class Kite(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "kites"
            id = Column(Integer, primary_key=True)
            lines = Column(JSON)

            def to_dict(self):
                lines = self.lines
                lines["id"] = self.id
                return lines


        def run(session):
            print([kite.to_dict() for kite in session.query(Kite)])
    """,
    "a dictionary that is changed for the one who gets it": """
        class Connector:
            def __init__(self, name, **options):
                self.name, self.options = name, options


        KINDS = {"one": Connector}


        def connect(name, config):
            config["tenant"] = name
            return KINDS["one"](name, **config)


        def connected(session, team):
            return connect(team.name, team.prefs)


        def run(session):
            team = session.get(Team, 1)
            connector = connected(session, team)
            team.name = team.name + "!"
            session.commit()
            print(connector.options)
    """,
    "a dictionary that is changed to be written elsewhere": """
        import io


        def write(file, data):
            del data["gone"]
            json.dump(data, file)


        def run(session):
            for team in session.query(Team):
                write(io.StringIO(), team.prefs)
    """,
    "undone": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1
            print(team.prefs)
            session.rollback()
    """,
    "a route that reads": """
        class Router:
            def get(self, path):
                return lambda view: view


        router = Router()


        @router.get("/team")
        def read(session, key=1):
            team = session.get(Team, key)
            team.prefs["url"] = "x"
            return team


        def run(session):
            read(session)
    """,
    "after the commit, for the answer": """
        def run(session):
            team = session.get(Team, 1)
            team.name = "new"
            session.commit()
            session.refresh(team)
            team.prefs["url"] = "x"
            return team
    """,
    "defaults for reading": """
        def option(team, name):
            prefs = team.prefs or {}
            prefs.setdefault("color", "red")
            return prefs[name]


        def run(session):
            print(option(session.get(Team, 1), "color"))
    """,
    "settings of a running thing": """
        class Engine:
            def __init__(self, session, key):
                team = session.get(Team, key)
                self.options = team.prefs or {}
                self.name = team.name
                self.options["started"] = True


        def run(session):
            Engine(session, 1)
    """,
    "an answer among others": """
        def profile_of(session, key):
            status, profile = "success", {}
            try:
                member = session.get(Member, key)
                if member:
                    profile = member.profile
                    profile["shown"] = True
            except KeyError:
                status, profile = "error", {}
            return status, profile


        def run(session):
            status, profile = profile_of(session, 1)
            print(json.dumps({"status": status, "profile": profile}))
    """,
    "answers in a list among others": """
        def profiles(session):
            shown = []
            for member in session.scalars(select(Member)):
                profile = member.profile
                profile["name"] = member.name
                shown.append(profile)
            return "success", shown


        def run(session):
            print(profiles(session))
    """,
    "displays added to a list, in a response": """
        class Answer:
            def __init__(self, body, status):
                self.body = body
                self.status = status


        def as_text(values):
            return json.dumps(values)


        def process(session):
            displays = []
            for team in session.query(Team).order_by(Team.name).all():
                prefs = team.prefs
                if team.name:
                    prefs["label"] = team.name.upper()
                displays += [dict(id=team.id, prefs=prefs)]
            return Answer(as_text({"teams": displays, "total": len(displays)}), status=200)


        def run(session):
            process(session)
    """,
}
