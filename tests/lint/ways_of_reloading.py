"""Programs about rows read anew, values that are text, and functions that commit their own changes."""

from __future__ import annotations

LOST: dict[str, str] = {
    "refreshed before the change": """
        def run(session):
            team = session.get(Team, 1)
            session.refresh(team)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            team.prefs = prefs
            session.commit()
    """,
    "refreshed, and the value read anew is changed": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1  # <- IND102
            session.refresh(team)
            prefs = team.prefs
            prefs["y"] = 1  # <- IND102
            team.prefs = prefs
            session.commit()
    """,
    "another attribute is refreshed": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            session.refresh(team, ["name"])
            team.prefs = prefs
            session.commit()
    """,
    "text, read again": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1  # <- IND102
            team.prefs = json.loads(json.dumps(team.prefs))
            session.commit()
    """,
    "committed by who changed it, replaced by a caller on another way": """
        def rename(session, team: Team, name):
            if name:
                team.prefs["name"] = name  # <- IND101
                session.commit()
                return True
            return False


        def run(session):
            team = session.get(Team, 1)
            if rename(session, team, "x"):
                return
            team.prefs = {"name": team.name}
            session.commit()
    """,
    "a base called BaseModel": """
        from sqlalchemy import JSON as J
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import declarative_base

        BaseModel = declarative_base(metadata=Base.metadata)


        class Order(BaseModel):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            outputs = Column(J)


        def rows():
            return [Order(id=1, outputs={"a": 1})]


        def run(session):
            order = session.get(Order, 1)
            outputs = order.outputs
            for key in ("x", "y"):
                outputs[key] = 1  # <- IND102
            order.outputs = outputs
            session.commit()
    """,
}

RIGHT: dict[str, str] = {
    "refreshed before the value is assigned": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1
            session.refresh(team)
            team.prefs = prefs
            session.commit()
    """,
    "refreshed and set by the row's own methods": """
        from sqlalchemy import JSON as J
        from sqlalchemy.orm import Mapped, mapped_column


        class Active(Base):
            __abstract__ = True
            session = None

            def refresh(self):
                self.session.refresh(self)

            def update(self, **kwargs):
                for key, value in kwargs.items():
                    setattr(self, key, value)
                self.session.commit()


        class Visitor(Active):
            __tablename__ = "visitors"
            id: Mapped[int] = mapped_column(primary_key=True)
            preferences: Mapped[dict] = mapped_column(J)


        def rows():
            return [Visitor(id=1, preferences={})]


        def put(visitor, key):
            preferences = visitor.preferences or {}
            preferences[key] = 1
            visitor.refresh()
            visitor.update(preferences=preferences)


        def run(session):
            Active.session = session
            put(session.get(Visitor, 1), "x")
    """,
    "assigned as text": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            if isinstance(prefs, str):
                prefs = json.loads(prefs)
            prefs["x"] = 1
            team.prefs = json.dumps(prefs)
            session.commit()
    """,
    "read from text before the change": """
        def run(session):
            team = session.get(Team, 1)
            prefs = json.loads(json.dumps(team.prefs))
            prefs["x"] = 1
            team.prefs = prefs
            session.commit()
    """,
    "flushed by who changed it, marked by a caller": """
        def rename(session, team: Team, name):
            team.prefs["name"] = name
            session.flush()


        def run(session):
            team = session.get(Team, 1)
            rename(session, team, "x")
            flag_modified(team, "prefs")
            session.commit()
    """,
}
