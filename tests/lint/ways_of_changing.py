"""Programs that differ in how they change a document and assign it."""

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
    "assigned to itself": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1  # <- IND102
            team.prefs = team.prefs
            session.commit()
    """,
    "setdefault below": """
        def run(session):
            team = session.scalars(select(Team)).first()
            team.prefs.setdefault("seen", {})["x"] = 1  # <- IND101
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
    "nested in a filtered copy": """
        def run(session):
            member = session.get(Member, 1)
            for item in member.profile["list"]:
                item["k"] = 2  # <- IND102
            member.profile = {k: v for k, v in member.profile.items() if v}
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
    "name of the column in a variable": """
        def put(row, column, key, value):
            held = getattr(row, column) or {}
            held[key] = value  # <- IND102
            setattr(row, column, held)


        def run(session):
            put(session.get(Member, 1), "profile", "x", 1)
            session.commit()
    """,
    "name of the column in a loop": """
        def run(session):
            member = session.get(Member, 1)
            for column in ("profile", "badges"):
                getattr(member, column).clear()  # <- IND101
            session.commit()
    """,
    "property that gives the column or something empty": """
        class Player(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "players"
            id = Column(Integer, primary_key=True)
            stats_json = Column(JSON)

            @property
            def stats(self):
                if self.stats_json is None:
                    self.stats_json = {}
                return self.stats_json

            def score(self, points):
                self.stats["score"] = points  # <- IND101


        def run(session):
            for player in session.query(Player):
                player.score(1)
            session.commit()
    """,
    "walrus": """
        def run(session):
            if (team := session.get(Team, 1)) and (prefs := team.prefs):
                prefs["x"] = 1  # <- IND101
            session.commit()
    """,
    "match": """
        def run(session):
            team = session.get(Team, 1)
            match team.prefs:
                case {"a": dict() as inner}:
                    inner["b"] = 5  # <- IND101
            session.commit()
    """,
    "match on the row": """
        def run(session):
            match session.get(Team, 1):
                case Team(prefs=prefs):
                    prefs["b"] = 5  # <- IND101
            session.commit()
    """,
    "helper that changes its parameter": """
        def stamp(document, by):
            document["by"] = by  # <- IND101
            document.setdefault("log", []).append(by)  # <- IND101


        def run(session):
            stamp(session.get(Team, 1).prefs, "me")
            session.commit()
    """,
    "helper deep in another": """
        def deep_merge(into, other):
            for key, value in other.items():
                if isinstance(value, dict) and isinstance(into.get(key), dict):
                    deep_merge(into[key], value)
                else:
                    into[key] = value  # <- IND102
            return into


        def run(session):
            team = session.get(Team, 1)
            team.prefs = deep_merge(team.prefs, {"a": {"c": 1}})
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
    "row given back by merge": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1  # <- IND101
            session.merge(team)
            session.commit()
    """,
    "bulk save": """
        def run(session):
            teams = session.query(Team).all()
            for team in teams:
                team.prefs["x"] = 1  # <- IND101
            session.bulk_save_objects(teams)
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
    "get with default, changed, put back": """
        def run(session):
            team = session.get(Team, 1)
            inner = team.prefs.get("a", {})
            inner["b"] = 8  # <- IND101
            team.prefs["a"] = inner  # <- IND101
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
    "round trip through json after the change": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            team.prefs = json.loads(json.dumps(prefs))
            session.commit()
    """,
    "setter method of the row": """
        class Robot(Base):
            from sqlalchemy import JSON, Column, Integer
            __tablename__ = "robots"
            id = Column(Integer, primary_key=True)
            state_data = Column(JSON)

            def set(self, key, value):
                self.state_data[key] = value  # <- IND101


        def run(session):
            for robot in session.query(Robot):
                robot.set("a", 1)
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
    "attribute set by keyword update": """
        def modify(row, **values):
            for name, value in values.items():
                setattr(row, name, value)


        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1  # <- IND102
            modify(team, prefs=prefs)
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
    "in a while": """
        def run(session):
            member = session.get(Member, 1)
            while member.badges:
                member.badges.pop()  # <- IND101
            session.commit()
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
}

RIGHT = {
    "a new dictionary": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs = {**team.prefs, "x": 1}
            session.commit()
    """,
    "trimmed copy": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = (member.badges + ["new"])[-50:]
            session.commit()
    """,
    "filtered": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = [badge for badge in member.badges if badge != "x"]
            session.commit()
    """,
    "filtered, then changed before the flush": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = [badge for badge in member.badges if badge != "x"]
            member.badges.append("z")
            session.commit()
    """,
    "set_attribute": """
        from sqlalchemy.orm.attributes import set_attribute


        def run(session):
            team = session.get(Team, 1)
            prefs = {**team.prefs}
            prefs["x"] = 1
            set_attribute(team, "prefs", prefs)
            session.commit()
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
    "deep copy": """
        def run(session):
            team = session.get(Team, 1)
            prefs = copy.deepcopy(team.prefs)
            prefs["a"]["b"] = 1000
            team.prefs = prefs
            session.commit()
    """,
    "an update statement": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            prefs["x"] = 1
            session.execute(update(Team).where(Team.id == 1).values(prefs=prefs))
            session.commit()
    """,
    "assigned None before": """
        def run(session):
            team = session.get(Team, 1)
            prefs = team.prefs
            team.prefs = None
            session.flush()
            prefs["x"] = 1
            team.prefs = prefs
            session.commit()
    """,
    "rebuilt by map": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = list(map(str, member.badges))
            session.commit()
    """,
    "shallow and a new inner": """
        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile)
            inner = dict(profile.get("a", {}))
            inner["b"] = 1000
            profile["a"] = inner
            member.profile = profile
            session.commit()
    """,
    "plus a list": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = member.badges + ["z"]
            session.commit()
    """,
    "deep merge into a copy": """
        def deep_merge(one, other):
            merged = dict(one)
            for key, value in other.items():
                if isinstance(value, dict) and isinstance(merged.get(key), dict):
                    merged[key] = deep_merge(merged[key], value)
                else:
                    merged[key] = value
            return merged


        def run(session):
            team = session.get(Team, 1)
            team.prefs = deep_merge(team.prefs, {"a": {"c": 1}})
            session.commit()
    """,
    "sorted copy": """
        def run(session):
            member = session.get(Member, 1)
            member.badges = sorted([*member.badges, "aaa"], key=str)
            session.commit()
    """,
    "flag with the key of the column": """
        def run(session):
            team = session.get(Team, 1)
            team.prefs["x"] = 1
            flag_modified(team, Team.prefs.key)
            session.commit()
    """,
}
