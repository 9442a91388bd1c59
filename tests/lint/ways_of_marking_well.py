"""Programs that lose nothing: what is changed is marked or tracked."""

from __future__ import annotations

RIGHT = {
    "a key set anew, unless there is nothing": """
        class Task:
            def __init__(self, row):
                self.row = row

            def touch_settings(self):
                settings = self.row.settings
                if settings:
                    some = next(iter(settings.keys()))
                    settings[some] = settings[some]


        def step(task):
            inner = task.row.settings["a"]
            inner["b"] = inner["b"] + 1
            task.touch_settings()


        def run(session):
            step(Task(session.get(Member, 1)))
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
    "marked in a finally": """
        def run(session):
            member = session.get(Member, 1)
            try:
                member.profile["x"] = 1
            finally:
                flag_modified(member, "profile")
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
    "marked after the commit of another row": """
        def run(session):
            team = session.get(Team, 1)
            for member in team.members:
                member.profile["x"] = 1
                flag_modified(member, "profile")
                session.commit()
    """,
    "marked where it was changed only": """
        def run(session):
            member = session.get(Member, 1)
            changed = False
            if "x" not in member.profile:
                member.profile["x"] = 1
                changed = True
            if changed:
                flag_modified(member, "profile")
            session.commit()
    """,
    "an early return before the mark of nothing": """
        def put(member, key, value):
            profile = member.profile
            if key in profile:
                return False
            profile[key] = value
            flag_modified(member, "profile")
            return True


        def run(session):
            put(session.get(Member, 1), "x", 1)
            session.commit()
    """,
    "marked by one of two methods of a name": """
        class Shelf:
            def __init__(self, session):
                self.session = session

            def put_back(self, book):
                flag_modified(book, "prefs")
                self.session.commit()


        class Far:
            def put_back(self, book):
                raise NotImplementedError


        class Work:
            def __init__(self, shelf):
                self.shelf = shelf

            def go(self, team: Team):
                team.prefs["x"] = 1
                self.shelf.put_back(team)


        def run(session):
            Work(Shelf(session)).go(session.get(Team, 1))
    """,
    "told by name what was changed": """
        class Store:
            def __init__(self, session):
                self.session = session

            def update(self, row, changed=(), log=True):
                self.session.add(row)
                for name in changed:
                    flag_modified(row, name)
                self.session.commit()


        STORES = {"rows": Store}


        def finished(store, member):
            member.profile["state"] = {"ok": True}
            member.name = "finished"
            store.update(member, changed=("name", "profile"))


        def run(session):
            finished(STORES["rows"](session), session.get(Member, 1))
    """,
    "told by name what was changed, the name alone": """
        STORES = {}


        def keep(row, name):
            flag_modified(row, name)


        def run(session):
            STORES["keep"] = keep
            member = session.get(Member, 1)
            member.badges.append("z")
            STORES["keep"](member, "badges")
            session.commit()
    """,
    "set at the top level afterwards, in a function that does not say of what": """
        def strike(member, key):
            found = member.settings[key]
            found["b"] = 7
            member.settings[key] = found


        def run(session):
            strike(session.get(Member, 1), "a")
            session.commit()
    """,
    "set at the top level in a function called": """
        def touch(member):
            member.settings["touched"] = True


        def run(session):
            member = session.get(Member, 1)
            member.settings["a"]["b"] = 7
            touch(member)
            session.commit()
    """,
}
