"""Programs that lose a change, each made or assigned in another way."""

from __future__ import annotations

LOST = {
    "or-equals": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs |= {"x": 1}  # <- IND101
            session.commit()
    """,
    "plus-equals": """
        def run(session):
            member = session.get(Member, 1)
            member.badges += ["z"]  # <- IND101
            session.commit()
    """,
    "by the method of the class": """
        def run(session):
            team = session.get(Team, 1)
            dict.update(team.prefs, x=1)  # <- IND101
            for member in team.members:
                list.append(member.badges, "new")  # <- IND101
            session.commit()
    """,
    "assigned to itself": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1  # <- IND102
            team.prefs = team.prefs
            session.commit()
    """,
    "trimmed after the change": """
        def run(session):
            member = session.get(Member, 1)
            history = member.badges or []
            history.append("new")  # <- IND102
            member.badges = history[-50:]
            session.commit()
    """,
    "filtered after the change": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs or {}
            prefs.update(n=1)  # <- IND102
            team.prefs = {k: v for k, v in prefs.items() if k}
            session.commit()
    """,
    "filtered list after the change": """
        def run(session):
            member = session.get(Member, 1)
            member.badges.append("z")  # <- IND102
            member.badges = [badge for badge in member.badges if badge]
            session.commit()
    """,
    "sorted after the change": """
        def run(session):
            member = session.get(Member, 1)
            member.badges.append({"k": 3})  # <- IND102
            member.badges = sorted(member.badges, key=str.__class__ and (lambda one: 0))
            session.commit()
    """,
    "each element rebuilt from a changed one": """
        def run(session):
            member = session.get(Member, 1)
            items = []
            for item in member.profile["list"]:
                item["k"] = 2  # <- IND101
                items.append(item)
            member.profile["list"] = items  # <- IND101
            session.commit()
    """,
    "index by enumerate": """
        def run(session):
            member = session.get(Member, 1)
            for index, badge in enumerate(member.badges):
                member.badges[index] = str(badge)  # <- IND101
            session.commit()
    """,
    "delete a key": """
        def run(session):
            team = session.get(Team, 1)
            if "a" in team.prefs:
                del team.prefs["a"]  # <- IND101
            session.add(team)
            session.commit()
            session.refresh(team)
    """,
    "bulk save": """
        def run(session):
            teams = session.query(Team).all()
            for team in teams:
                team.prefs["x"] = 1  # <- IND101
            session.bulk_save_objects(teams)
            session.commit()
    """,
    "get with default, changed, put back": """
        def run(session):
            team = session.get(Team, 1)
            inner = team.prefs.get("a", {})
            inner["b"] = 8  # <- IND101
            team.prefs["a"] = inner  # <- IND101
            session.commit()
    """,
    "round trip through json after the change": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            team.prefs = json.loads(json.dumps(prefs))
            session.commit()
    """,
    "changed in a try": """
        def run(session):
            team = session.get(Team, 1)
            try:
                team.prefs["x"] = 1  # <- IND101
                session.commit()
            except ValueError:
                session.rollback()
                raise
            finally:
                session.close()
    """,
    "two steps of None": """
        def run(session):
            team = session.get(Team, 1)
            if not team.prefs:
                team.prefs = {}
            team.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "extended by a comprehension": """
        def run(session):
            member = session.get(Member, 1)
            member.badges.extend([str(n) for n in range(3)])  # <- IND101
            session.commit()
    """,
    "flagged by a listener, which is not called when nothing is known to be changed": """
        from sqlalchemy import event


        @event.listens_for(Session, "before_flush")
        def mark(session, context, instances):
            for row in session:
                if isinstance(row, Team):
                    flag_modified(row, "prefs")


        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "or an empty one, assigned first": """
        def run(session):
            member = session.get(Member, 1)
            member.profile = member.profile or {}
            member.profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "sort": """
        def run(session):
            member = session.get(Member, 1)
            member.badges.reverse()  # <- IND101
            session.commit()
    """,
    "heap": """
        def run(session):
            member = session.get(Member, 1)
            import heapq
            heapq.heappush(member.profile['a'].setdefault('heap', []), "a")  # <- IND101
            session.commit()
    """,
    "pop with a default": """
        def run(session):
            member = session.get(Member, 1)
            gone = member.profile.pop("a", None)  # <- IND101
            print(gone)
            session.commit()
    """,
    "counted up": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["n"] = member.profile.get("n", 0) + 1  # <- IND101
            member.profile["n"] += 1  # <- IND101
            session.commit()
    """,
    "one replaced by index": """
        def run(session):
            member = session.get(Member, 1)
            for number, one in enumerate(member.profile["list"]):
                if one["k"] == 1:
                    member.profile["list"][number] = {**one, "k": 2}  # <- IND101
                    break
            session.commit()
    """,
    "slice assigned": """
        def run(session):
            member = session.get(Member, 1)
            member.badges[:] = [badge for badge in member.badges if badge != "x"]  # <- IND101
            session.commit()
    """,
    "inserted and trimmed": """
        def run(session):
            member = session.get(Member, 1)
            member.badges.insert(0, "new")  # <- IND102
            member.badges = member.badges[:10]
            session.commit()
    """,
    "flag_dirty": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["x"] = 1  # <- IND101
            attributes.flag_dirty(member)
            session.commit()
    """,
    "payload keys": """
        def run(session):
            payload = {"x": 1, "y": 2}
            member = session.get(Member, 1)
            for key, value in payload.items():
                member.profile[key] = value  # <- IND101
            session.add(member)
            session.commit()
            session.refresh(member)
    """,
    "in a dictionary of values": """
        def run(session):
            member = session.get(Member, 1)
            values = {"profile": member.profile}
            values["profile"]["x"] = 1  # <- IND101
            session.commit()
    """,
    "two names for one": """
        def run(session):
            member = session.get(Member, 1)
            profile = inner = member.profile
            inner["x"] = 1  # <- IND102
            member.profile = profile
            session.commit()
    """,
    "map with a function": """
        def stamp(member):
            member.profile["stamp"] = 1  # <- IND101
            return member


        def run(session):
            done = [stamp(member) for member in session.query(Member)]
            print(len(done))
            session.commit()
    """,
    "sets of keys": """
        def run(session):
            member = session.get(Member, 1)
            for key in set(member.profile) - {"a"}:
                del member.profile[key]  # <- IND101
            session.commit()
    """,
    "an answer among others, after the commit": """
        def profile_of(session, key):
            member = session.get(Member, key)
            profile = member.profile
            profile["seen"] = True  # <- IND101
            session.commit()
            return "success", profile


        def run(session):
            status, profile = profile_of(session, 1)
            print(json.dumps({"status": status, "profile": profile}))
    """,
    "displays added to a list, and saved on the way": """
        def run(session):
            displays = []
            for team in session.query(Team).order_by(Team.name).all():
                prefs = team.prefs
                prefs["label"] = team.name.upper()  # <- IND101
                displays += [dict(id=team.id, prefs=prefs)]
            session.commit()
            print(json.dumps({"teams": displays}))
    """,
}
