"""Programs that change a document through copies, maps and lists of its elements."""

from __future__ import annotations

LOST: dict[str, str] = {
    "helper assigns on one branch only": """
        def put(row, key, value):
            if row.prefs is None:
                row.prefs = {key: value}
            else:
                row.prefs[key] = value  # <- IND101


        def run(session):
            put(session.get(Team, 1), "x", 1)
            session.commit()
    """,
    "helper returns early with assignment": """
        def put(row, key, value):
            held = row.prefs
            if not held:
                row.prefs = {key: value}
                return
            held[key] = value  # <- IND101


        def run(session):
            put(session.get(Team, 1), "x", 1)
            session.commit()
    """,
    "helper assigns fresh on one branch, same on other": """
        def put(row, data):
            held = row.prefs
            if held:
                held.update(data)  # <- IND102
            else:
                held = data
            row.prefs = held


        def run(session):
            put(session.get(Team, 1), {"x": 1})
            session.commit()
    """,
    "map of elements by id": """
        def run(session):
            member = session.get(Member, 1)
            by_k = {item["k"]: item for item in member.profile["list"]}
            by_k[1]["x"] = 1  # <- IND101
            session.commit()
    """,
    "map of elements by helper": """
        def index(items, key):
            return {item[key]: item for item in items}


        def run(session):
            member = session.get(Member, 1)
            found = index(member.profile["list"], "k")
            found[1]["x"] = 1  # <- IND101
            session.commit()
    """,
    "map of elements by helper in a loop": """
        def index(items, key):
            found = {}
            for item in items:
                found[item[key]] = item
            return found


        def run(session):
            member = session.get(Member, 1)
            found = index(member.profile["list"], "k")
            for key in [1, 2]:
                if key in found:
                    found[key]["x"] = 1  # <- IND101
            session.commit()
    """,
    "map of elements put back as list": """
        def run(session):
            member = session.get(Member, 1)
            found = {}
            for item in member.profile["list"]:
                found[item["k"]] = item
            found[1]["x"] = 1  # <- IND102
            member.profile = {**member.profile, "list": list(found.values())}
            session.commit()
    """,
    "find by next": """
        def run(session):
            member = session.get(Member, 1)
            item = next((i for i in member.profile["list"] if i["k"] == 1), None)
            if item is not None:
                item["x"] = 1  # <- IND101
            session.commit()
    """,
    "find by helper": """
        def find(items, k):
            for item in items:
                if item["k"] == k:
                    return item
            return None


        def run(session):
            member = session.get(Member, 1)
            item = find(member.profile["list"], 1)
            if item:
                item.update(x=1)  # <- IND101
            session.commit()
    """,
    "find by filter and index": """
        def run(session):
            member = session.get(Member, 1)
            found = [i for i in member.profile["list"] if i["k"] == 1]
            if found:
                found[0]["x"] = 1  # <- IND101
            session.commit()
    """,
    "changed element in a new equal list": """
        def run(session):
            member = session.get(Member, 1)
            items = []
            for badge in member.badges:
                if isinstance(badge, dict):
                    badge["x"] = 1  # <- IND102
                items.append(badge)
            member.badges = items
            session.commit()
    """,
    "changed element in a new list by comprehension": """
        def mark(item):
            item["x"] = 1  # <- IND102
            return item


        def run(session):
            member = session.get(Member, 1)
            member.profile = {**member.profile, "list": [mark(item) for item in member.profile["list"]]}
            session.commit()
    """,
    "list by comprehension of changed elements": """
        def mark(item):
            if isinstance(item, dict):
                item["x"] = 1  # <- IND102
            return item


        def run(session):
            member = session.get(Member, 1)
            member.badges = [mark(item) for item in member.badges]
            session.commit()
    """,
    "refresh discards": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["error"] = 1  # <- IND101
            session.add(member)
            session.commit()
            session.refresh(member)
    """,
    "if not in, made, then changed": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs or {})
            if "a" not in prefs:
                prefs["a"] = {}
            prefs["a"]["b"] = 7  # <- IND104
            team.prefs = prefs
            session.commit()
    """,
    "get or new, changed, put back": """
        def run(session):
            team = session.get(Team, 1)
            prefs = dict(team.prefs or {})
            inner = prefs.get("a", {})
            inner["b"] = 7  # <- IND104
            prefs["a"] = inner
            team.prefs = prefs
            session.commit()
    """,
}

RIGHT: dict[str, str] = {
    "helper marks on one branch, every change on it": """
        def put(row, data):
            if data:
                row.prefs.update(data)
                flag_modified(row, "prefs")


        def run(session):
            put(session.get(Team, 1), {"x": 1})
            session.commit()
    """,
    "map of elements, values rebuilt": """
        def index(items, key):
            found = {}
            for item in items:
                found[item[key]] = dict(item)
            return found


        def run(session):
            member = session.get(Member, 1)
            found = index(member.profile["list"], "k")
            found[1]["x"] = 1
            member.profile = {"list": list(found.values())}
            session.commit()
    """,
    "new list with one more": """
        def run(session):
            member = session.get(Member, 1)
            items = []
            for badge in member.badges:
                items.append(badge)
            items.append("z")
            member.badges = items
            session.commit()
    """,
    "new list without one": """
        def run(session):
            member = session.get(Member, 1)
            items = []
            for badge in member.badges:
                if badge != "x":
                    items.append(badge)
            member.badges = items
            session.commit()
    """,
    "changed elements in a new list, then saved by a new one": """
        def run(session):
            member = session.get(Member, 1)
            found = False
            items = []
            for badge in member.badges:
                if isinstance(badge, dict) and badge.get("k") == 9:
                    badge["x"] = 1
                    found = True
                items.append(badge)
            if not found:
                items.append({"k": 9})
            member.badges = items
            session.commit()
    """,
    "list by comprehension of new elements": """
        def mark(item):
            if isinstance(item, dict):
                return {**item, "x": 1}
            return item


        def run(session):
            member = session.get(Member, 1)
            member.badges = [mark(item) for item in member.badges]
            session.commit()
    """,
    "loop that leaves one out and changes others": """
        def run(session):
            member = session.get(Member, 1)
            kept = []
            for badge in member.badges:
                if badge == "x":
                    continue
                badge["n"] = len(kept)
                kept.append(badge)
            member.badges = kept
            session.commit()
    """,
}
