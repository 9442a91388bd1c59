"""Programs that lose a change below the top of a document."""

from __future__ import annotations

LOST = {
    "setdefault below": """
        def run(session):
            team = session.scalars(select(Team)).first()
            team.prefs.setdefault("seen", {})["x"] = 1  # <- IND101
            session.commit()
    """,
    "nested in a filtered copy": """
        def run(session):
            member = session.get(Member, 1)
            for item in member.profile["list"]:
                item["k"] = 2  # <- IND102
            member.profile = {k: v for k, v in member.profile.items() if v}
            session.commit()
    """,
    "shallow list copy, element changed": """
        def run(session):
            member = session.get(Member, 1)
            badges = list(member.badges)
            badges[1]["k"] = 5  # <- IND104
            member.badges = badges
            session.commit()
    """,
    "comprehension copy, element changed": """
        def run(session):
            member = session.get(Member, 1)
            badges = [badge for badge in member.badges]
            for badge in badges:
                if isinstance(badge, dict):
                    badge["k"] = 5  # <- IND104
            member.badges = badges
            session.commit()
    """,
    "copy.copy, nested": """
        def run(session):
            member = session.get(Member, 1)
            profile = copy.copy(member.profile)
            profile["a"].update(b=9)  # <- IND104
            member.profile = profile
            session.commit()
    """,
    "nested via setattr": """
        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile)
            profile["a"]["b"] = 9  # <- IND104
            setattr(member, "profile", profile)
            session.commit()
    """,
    "loop over items with nested": """
        def run(session):
            team = session.get(Team, 1)
            for key, value in team.prefs.items():
                if isinstance(value, dict):
                    value["seen"] = True  # <- IND101
            session.commit()
    """,
    "mutable dict, below": """
        def run(session):
            member = session.get(Member, 1)
            member.settings["a"]["b"] = 7  # <- IND103
            session.commit()
    """,
    "mutable dict, get below": """
        def run(session):
            member = session.get(Member, 1)
            inner = member.settings.get("a", {})
            inner["b"] = 7  # <- IND103
            session.commit()
    """,
    "copied after the change": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            team.prefs = prefs.copy()
            session.commit()
    """,
    "deep-copied after the change": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            team.prefs = copy.deepcopy(prefs)
            session.commit()
    """,
    "in a nested function": """
        def run(session):
            team = session.get(Team, 1)

            def put(key, value):
                team.prefs[key] = value  # <- IND101

            put("x", 1)
            session.commit()
    """,
    "copied, a list in it appended to": """
        def run(session):
            member = session.get(Member, 1)
            profile = member.profile.copy()
            profile["list"].append({})  # <- IND104
            member.profile = profile
            session.commit()
    """,
    "copied, a list in it taken out, appended to and put back": """
        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile or {})
            items = profile.get("list", [])
            items.append({})  # <- IND104
            profile["list"] = items
            member.profile = profile
            session.commit()
    """,
    "a new list in an old dictionary": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["list"] = [*member.profile["list"], {}]  # <- IND101
            session.commit()
    """,
    "the first that fits, changed": """
        def run(session):
            member = session.get(Member, 1)
            item = next((one for one in member.profile["list"] if one.get("k") == 1), None)
            if item is not None:
                item["done"] = True  # <- IND101
            session.commit()
    """,
    "the ones that fit, changed": """
        def run(session):
            member = session.get(Member, 1)
            found = [one for one in member.profile["list"] if one["k"] == 1]
            found[0]["done"] = True  # <- IND101
            session.commit()
    """,
    "by key, changed": """
        def run(session):
            member = session.get(Member, 1)
            index = {one["k"]: one for one in member.profile["list"]}
            index[1]["done"] = True  # <- IND101
            session.commit()
    """,
    "filtered by filter, changed": """
        def run(session):
            member = session.get(Member, 1)
            found = list(filter(lambda one: one["k"] == 1, member.profile["list"]))
            found[0]["done"] = True  # <- IND101
            session.commit()
    """,
    "the last one, changed": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["list"][-1]["k"] = 9  # <- IND101
            session.commit()
    """,
    "mutable dict, loop below": """
        def run(session):
            member = session.get(Member, 1)
            for key, inner in member.settings.items():
                inner["b"] = 9  # <- IND103
            session.commit()
    """,
    "default dictionary copy": """
        def run(session):
            member = session.get(Member, 1)
            from collections import defaultdict
            profile = defaultdict(list, member.profile)
            profile["list"].append({})  # <- IND104
            member.profile = dict(profile)
            session.commit()
    """,
    "stringly": """
        def run(session):
            member = session.get(Member, 1)
            document = getattr(member, "profile")
            document.update({"x": 1})  # <- IND102
            setattr(member, "profile", document)
            session.commit()
    """,
    "merged into what is there": """
        def run(session):
            member = session.get(Member, 1)
            incoming = {"a": {"c": 1}}
            for key, value in incoming.items():
                if key in member.profile:
                    member.profile[key].update(value)  # <- IND101
                else:
                    member.profile[key] = value  # <- IND101
            session.commit()
    """,
    "keys deleted in a loop": """
        def run(session):
            member = session.get(Member, 1)
            for key in list(member.profile.keys()):
                member.profile.pop(key)  # <- IND101
            session.commit()
    """,
}
