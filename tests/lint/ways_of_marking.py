"""Programs that lose a change though something near it is marked, assigned or guarded."""

from __future__ import annotations

LOST = {
    "a key set anew, if there is something else": """
        class Task:
            def __init__(self, row):
                self.row = row

            def touch_settings(self):
                settings = self.row.settings
                if self.row.profile.get("nothing"):
                    some = next(iter(settings.keys()))
                    settings[some] = settings[some]


        def step(task):
            inner = task.row.settings["a"]
            inner["b"] = inner["b"] + 1  # <- IND103
            task.touch_settings()


        def run(session):
            step(Task(session.get(Member, 1)))
            session.commit()
    """,
    "two targets": """
        def run(session):
            member = session.get(Member, 1)
            one, two = member.profile["a"], member.profile["list"]
            one["b"] = 4  # <- IND101
            two.append({})  # <- IND101
            session.commit()
    """,
    "suppressed errors": """
        def run(session):
            member = session.get(Member, 1)
            from contextlib import suppress
            with suppress(KeyError):
                del member.profile["a"]  # <- IND101
            session.commit()
    """,
    "walrus below": """
        def run(session):
            member = session.get(Member, 1)
            if inner := member.profile.get("a"):
                inner["b"] = 4  # <- IND101
            session.commit()
    """,
    "marked on one way only": """
        def run(session):
            member = session.get(Member, 1)
            if member.name == "other":
                member.profile["y"] = 1
                flag_modified(member, "profile")
            else:
                member.profile["x"] = 1  # <- IND105
            session.commit()
    """,
    "another column is marked": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["x"] = 1  # <- IND101
            flag_modified(member, "badges")
            session.commit()
    """,
    "another row is marked": """
        def run(session):
            one = session.get(Member, 1)
            two = session.get(Member, 2)
            one.profile["x"] = 1  # <- IND105
            flag_modified(two, "profile")
            session.commit()
    """,
    "an equal document assigned before the change": """
        def run(session):
            member = session.get(Member, 1)
            member.profile = member.profile
            member.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "a document of another row put in": """
        def run(session):
            one = session.get(Member, 1)
            two = session.get(Member, 2)
            one.profile["other"] = two.profile  # <- IND101
            session.commit()
    """,
    "sorted in place, assigned back": """
        def run(session):
            member = session.get(Member, 1)
            badges = member.badges
            badges.sort(key=str, reverse=True)  # <- IND102
            member.badges = badges
            session.commit()
    """,
    "filled up in a loop over its own copy, assigned back": """
        def run(session):
            member = session.get(Member, 1)
            profile = member.profile
            for key, value in dict(profile).items():
                profile[f"{key}2"] = value  # <- IND102
            member.profile = profile
            session.commit()
    """,
    "told by name what else was changed": """
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
            member.profile["state"] = {"ok": True}  # <- IND101
            member.name = "finished"
            store.update(member, changed=("name", "badges"))


        def run(session):
            finished(STORES["rows"](session), session.get(Member, 1))
    """,
    "named where it is only read": """
        class Reader:
            def get_field(self, row, name):
                return getattr(row, name)


        READERS = {"plain": Reader()}


        def run(session):
            member = session.get(Member, 1)
            member.badges.append("z")  # <- IND101
            READERS["plain"].get_field(member, "badges")
            session.commit()
    """,
    "emptied on one way only": """
        def start(team):
            team.prefs = {"state": "started", "tries": 0}


        def run(session):
            team = session.get(Team, 1)
            if "state" not in team.prefs:
                team.prefs.update({"state": None})  # <- IND101
            if not team.prefs:
                start(team)
            session.commit()
    """,
}
