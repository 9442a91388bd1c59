"""Programs that take a part of a document out, change it, and put it or a copy of it back."""

from __future__ import annotations

LOST: dict[str, str] = {
    "a copy of a part, put back": """
        def run(session):
            member = session.get(Member, 1)
            rules = dict(member.profile or {})
            meta = list(rules.get("list") or [])
            for one in meta:
                if one["k"] == 1:
                    one["k"] = 2  # <- IND104
                    break
            rules["list"] = meta
            member.profile = rules
            session.commit()
    """,
    "a part found on conditions, put back in a copy": """
        def run(session):
            for member in session.scalars(select(Member)).all():
                cfg = member.profile or {}
                inner = (cfg.get("a") or {}) if isinstance(cfg, dict) else {}
                if inner.get("b") == 1:
                    inner["b"] = 5  # <- IND102
                    new = dict(cfg)
                    new["a"] = inner
                    member.profile = new
                    break
            session.commit()
    """,
    "a part cut to its last elements, put back": """
        def run(session):
            member = session.get(Member, 1)
            extracted = dict(member.profile or {})
            flags = extracted.get("list") or []
            flags.append({"k": 9})  # <- IND104
            extracted["list"] = flags[-10:]
            member.profile = extracted
            session.commit()
    """,
    "a part that a helper makes sure of": """
        def ensure(document):
            if "a" not in document:
                document["a"] = {"b": 0}
            return document["a"]


        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile or {})
            part = ensure(profile)
            part["b"] = part.get("b", 0) + 1  # <- IND104
            profile["a"] = part
            member.profile = profile
            session.commit()
    """,
    "a part put back in a new outer dictionary": """
        def run(session):
            member = session.get(Member, 1)
            inner = member.profile.get("a", {})
            inner["b"] = 99  # <- IND102
            new = dict(member.profile)
            new["a"] = inner
            member.profile = new
            session.commit()
    """,
    "a list put back by a display": """
        def run(session):
            member = session.get(Member, 1)
            items = (member.profile or {}).get("list", [])
            for item in items:
                if item["k"] == 1:
                    item["k"] = 2  # <- IND102
                    break
            member.profile = {**(member.profile or {}), "list": items}
            session.commit()
    """,
    "or, changed, copied": """
        def run(session):
            member = session.get(Member, 1)
            profile = member.profile or {}
            profile["x"] = 1  # <- IND102
            member.profile = dict(profile)
            session.commit()
    """,
    "or, changed, spread": """
        def run(session):
            member = session.get(Member, 1)
            profile = member.profile or {}
            profile["x"] = 1  # <- IND102
            member.profile = {**profile}
            session.commit()
    """,
    "a tuple of a row and its document": """
        def load(session, ident):
            member = session.get(Member, ident)
            return member, member.profile


        def run(session):
            member, profile = load(session, 1)
            profile["x"] = 1  # <- IND101
            session.commit()
    """,
    "a row of a block that failed": """
        def run(session):
            try:
                member = session.get(Member, 1)
                if member.id:
                    raise ValueError
                return None
            except ValueError as error:
                member.profile["error"] = str(error)  # <- IND101
                session.commit()
                return {"failed": True}
    """,
    "a function inside that raises after its commit": """
        def run(session):
            def work():
                try:
                    raise ValueError
                except ValueError:
                    member = session.get(Member, 1)
                    if not member.profile:
                        member.profile = {}
                    member.profile["error"] = "x"  # <- IND101
                    session.commit()
                    raise

            try:
                work()
            except ValueError:
                pass
    """,
}

RIGHT: dict[str, str] = {
    "what stands in for nothing, put in": """
        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile or {})
            notes = []
            notes.append("x")
            profile["notes"] = notes[-10:]
            member.profile = profile
            session.commit()
    """,
    "a part copied, changed, put back": """
        def run(session):
            member = session.get(Member, 1)
            rules = dict(member.profile or {})
            part = dict(rules.get("a") or {})
            part["b"] = 77
            rules["a"] = part
            member.profile = rules
            session.commit()
    """,
    "a list copied, appended to, put back": """
        def run(session):
            member = session.get(Member, 1)
            rules = dict(member.profile or {})
            items = list(rules.get("list") or [])
            items.append({"k": 5})
            rules["list"] = items[-10:]
            member.profile = rules
            session.commit()
    """,
    "a helper that sets a key for sure": """
        def ensure(document):
            document["seen"] = True
            return document["a"]


        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile or {})
            part = ensure(profile)
            part["b"] = 5
            member.profile = profile
            session.commit()
    """,
    "a list built anew": """
        def run(session):
            member = session.get(Member, 1)
            rules = dict(member.profile or {})
            rules["list"] = [{**one, "k": 3} for one in rules.get("list") or []]
            member.profile = rules
            session.commit()
    """,
    "or, copied, changed": """
        def run(session):
            member = session.get(Member, 1)
            profile = dict(member.profile or {})
            profile["x"] = 1
            member.profile = dict(profile)
            session.commit()
    """,
    "bulk_update_mappings": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["x"] = 1
            session.bulk_update_mappings(Member, [{"id": member.id, "profile": member.profile}])
            session.commit()
    """,
}
