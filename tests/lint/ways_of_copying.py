"""Programs that copy a document and change what the copy shares with it."""

from __future__ import annotations

LOST: dict[str, str] = {
    "nested copy of a list, unchanged": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["a"]["b"] = 5  # <- IND102
            member.profile = {**member.profile, "list": list(member.profile["list"])}
            session.commit()
    """,
    "elements of a column below are read": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["a"]["b"] = 5  # <- IND101
            names = [item["k"] for item in member.profile["list"]]
            member.name = str(names)
            session.commit()
    """,
    "copy.copy nested": """
        def run(session):
            team = session.get(Team, 1)
            prefs = copy.copy(team.prefs)
            prefs["a"]["b"] = 7  # <- IND104
            team.prefs = prefs
            session.commit()
    """,
    "helper copies, changes below, returns": """
        def put(items):
            items = list(items)
            for item in items:
                item["x"] = 1  # <- IND104
            return items


        def run(session):
            member = session.get(Member, 1)
            member.profile = {**member.profile, "list": put(member.profile["list"])}
            session.commit()
    """,
    "helper copies, changes below, returns, top": """
        def put(prefs, key, value):
            prefs = dict(prefs)
            prefs["a"][key] = value  # <- IND104
            return prefs


        def run(session):
            team = session.get(Team, 1)
            team.prefs = put(team.prefs, "x", 1)
            session.commit()
    """,
    "map of elements by time, list copied, updated by base": """
        from sqlalchemy import Column, Integer
        from sqlalchemy import JSON as J


        class Mixin:
            def update(self, data):
                try:
                    self.update_no_commit(data)
                except BaseException:
                    raise

            def update_no_commit(self, data):
                for key, value in data.items():
                    if hasattr(self.__class__, key):
                        setattr(self, key, value)


        class Note(Base, Mixin):
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)
            marks = Column(J)


        def rows():
            return [Note(id=1, marks=[{"time": 1, "drawing": {"objects": []}}])]


        def time_map(marks):
            found = {}
            for mark in marks:
                found[mark["time"]] = mark
            return found


        def additions(previous, new):
            marks = list(previous)
            by_time = time_map(marks)
            for one in new:
                known = by_time.get(one["time"], None)
                if known is None:
                    marks.append(one)
                else:
                    known["drawing"]["objects"] = one["drawing"]["objects"]  # <- IND104
            return marks


        def without_empty(marks):
            return [mark for mark in marks if len(mark["drawing"]["objects"]) > 0]


        def run(session):
            note = session.query(Note).filter_by(id=1).first()
            marks = note.marks or []
            marks = additions(marks, [{"time": 1, "drawing": {"objects": [1]}}])
            marks = without_empty(marks)
            note.update({"marks": marks})
            session.commit()
    """,
    "upsert into a shallow copy": """
        def run(session):
            member = session.get(Member, 1)
            badges = list(member.badges)
            known = next((b for b in badges if isinstance(b, dict) and b["k"] == 1), None)
            if known:
                known["k"] = 5  # <- IND104
            else:
                badges.append({"k": 1})
            member.badges = badges
            session.commit()
    """,
    "upsert into a shallow copy in a loop": """
        def run(session):
            member = session.get(Member, 1)
            badges = list(member.badges)
            for badge in badges:
                if isinstance(badge, dict):
                    badge["k"] = 5  # <- IND104
                    break
            else:
                badges.append({"k": 1})
            member.badges = badges
            session.commit()
    """,
    "setdefault below a copy, then changed": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs or {})
            prefs.setdefault("a", {})
            prefs["a"]["b"] = 7  # <- IND104
            team.prefs = prefs
            session.commit()
    """,
    "upsert in a copied list below, whole new": """
        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile)
            items = list(profile["list"])
            for item in items:
                if item["k"] == 1:
                    item["x"] = 3  # <- IND104
            profile["list"] = items
            member.profile = profile
            session.commit()
    """,
    "setdefault of a copy, changed in a chain": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs or {})
            prefs.setdefault("a", {})["b"] = 7  # <- IND104
            team.prefs = prefs
            session.commit()
    """,
}

RIGHT: dict[str, str] = {
    "helper copies on one branch and assigns at end": """
        def put(row, data):
            held = dict(row.prefs) if row.prefs else {}
            held.update(data)
            row.prefs = held


        def run(session):
            put(session.get(Team, 1), {"x": 1})
            session.commit()
    """,
    "new list of changed copies": """
        def run(session):
            member = session.get(Member, 1)
            items = []
            for badge in member.badges:
                if isinstance(badge, dict):
                    badge = {**badge, "x": 1}
                items.append(badge)
            member.badges = items
            session.commit()
    """,
    "nested copy of a list, changed": """
        def run(session):
            member = session.get(Member, 1)
            items = list(member.profile["list"])
            items.append(1)
            member.profile = {**member.profile, "list": items}
            session.commit()
    """,
    "nested copy of a list, changed afterwards": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["a"]["b"] = 5
            items = list(member.profile["list"])
            new = {**member.profile, "list": items}
            items.append(1)
            member.profile = new
            session.commit()
    """,
    "copy.copy top": """
        def run(session):
            team = session.get(Team, 1)
            prefs = copy.copy(team.prefs)
            prefs["z"] = 7
            team.prefs = prefs
            session.commit()
    """,
    "helper copies, changes top, returns": """
        def put(prefs, key, value):
            prefs = dict(prefs)
            prefs[key] = value
            prefs["a"][key] = value
            return prefs


        def run(session):
            team = session.get(Team, 1)
            team.prefs = put(team.prefs, "x", 1)
            session.commit()
    """,
    "helper copies for an answer": """
        def put(prefs, key, value):
            prefs = copy.deepcopy(prefs)
            prefs["a"][key] = value
            return prefs


        def run(session):
            team = session.get(Team, 1)
            team.prefs = put(team.prefs, "x", 1)
            session.commit()
    """,
    "change below and at the top together": """
        def run(session):
            member = session.get(Member, 1)
            badges = list(member.badges)
            if badges:
                badges[1]["k"] = 5
                badges.append({"k": 1})
            member.badges = badges
            session.commit()
    """,
    "change below, then always at the top": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs)
            if "a" in prefs:
                prefs["a"]["b"] = 7
            prefs["at"] = "now"
            team.prefs = prefs
            session.commit()
    """,
    "get or new, copied, put back": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs or {})
            inner = dict(prefs.get("a", {}))
            inner["b"] = 7
            prefs["a"] = inner
            team.prefs = prefs
            session.commit()
    """,
    "setdefault of a copy, then one more key": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs or {})
            prefs.setdefault("a", {})["b"] = 7
            prefs["z"] = 1
            team.prefs = prefs
            session.commit()
    """,
    "made new where it was not, always new below": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs or {})
            prefs["a"] = dict(prefs.get("a") or {})
            prefs["a"]["b"] = 7
            team.prefs = prefs
            session.commit()
    """,
}
