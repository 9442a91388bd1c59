"""Programs in which an object keeps a document, or a part of it, and its methods change it."""

from __future__ import annotations

LOST: dict[str, str] = {
    "kept, changed, committed by who made the object": """
        class Steps:
            def __init__(self, member):
                self.state = member.profile

            def step(self, name):
                self.state[name] = "done"  # <- IND101


        def run(session):
            steps = Steps(session.get(Member, 1))
            steps.step("one")
            session.commit()
    """,
    "kept with its row": """
        class Steps:
            def __init__(self, row):
                self.row = row
                self.state = row.profile

            def step(self, name):
                self.state[name] = "done"  # <- IND101


        def run(session):
            steps = Steps(session.get(Member, 1))
            steps.step("one")
            session.commit()
    """,
    "kept from a row that __init__ loads, committed at once": """
        class Steps:
            def __init__(self, session, ident):
                self.session = session
                self.member = session.get(Member, ident)
                self.state = self.member.profile

            def step(self, name):
                self.state[name] = "done"  # <- IND101
                self.session.commit()


        def run(session):
            steps = Steps(session, 1)
            steps.step("one")
    """,
    "kept, changed, assigned back by another method": """
        class Steps:
            def __init__(self, session, ident):
                self.session = session
                self.member = session.get(Member, ident)
                self.state = self.member.profile or {}

            def step(self, name):
                self.state[name] = "done"  # <- IND102

            def save(self):
                self.member.profile = self.state
                self.session.commit()


        def run(session):
            steps = Steps(session, 1)
            steps.step("one")
            steps.save()
    """,
    "kept, changed and assigned back in one method": """
        class Steps:
            def __init__(self, session, ident):
                self.session = session
                self.member = session.get(Member, ident)
                self.state = self.member.profile or {}

            def step(self, name):
                self.state[name] = "done"  # <- IND102
                self.member.profile = self.state
                self.session.commit()


        def run(session):
            steps = Steps(session, 1)
            steps.step("one")
    """,
    "kept from a typed row under a noted name": """
        class Steps:
            def __init__(self, session, row: Member):
                self.session = session
                self.row = row
                self._state: dict = row.profile

            def step(self, name):
                self._state.setdefault("steps", []).append(name)  # <- IND101
                self.session.add(self.row)
                self.session.commit()


        def run(session):
            Steps(session, session.get(Member, 1)).step("one")
    """,
    "a part is kept": """
        class Steps:
            def __init__(self, session, row):
                self.session = session
                self.row = row
                self.items = row.profile["list"]

            def add(self, name):
                self.items.append({"k": name})  # <- IND101
                self.session.commit()


        def run(session):
            Steps(session, session.get(Member, 1)).add("one")
    """,
    "kept by a method that loads": """
        class Steps:
            def __init__(self, session):
                self.session = session
                self.items = None

            def open(self, ident):
                self.member = self.session.get(Member, ident)
                self.items = self.member.profile["list"]

            def add(self, name):
                self.items.append({"k": name})  # <- IND101
                self.session.commit()


        def run(session):
            steps = Steps(session)
            steps.open(1)
            steps.add("one")
    """,
    "kept by the __init__ of a base": """
        class BaseRunner:
            def __init__(self, session, ident):
                self.session = session
                self.member = session.get(Member, ident)
                self.doc = self.member.profile


        class Runner(BaseRunner):
            def go(self):
                self.doc["gone"] = True  # <- IND101
                self.session.commit()


        def run(session):
            Runner(session, 1).go()
    """,
    "kept after super().__init__": """
        class BaseRunner:
            def __init__(self, session, member):
                self.session = session
                self.member = member


        class Runner(BaseRunner):
            def __init__(self, session, ident):
                super().__init__(session, session.get(Member, ident))
                self.doc = self.member.profile

            def go(self):
                self.doc["gone"] = True  # <- IND101
                self.session.commit()


        def run(session):
            Runner(session, 1).go()
    """,
    "of a row that __init__ asks for, under a name that says nothing": """
        class Steps:
            def __init__(self, session, key):
                self.session = session
                self.row = session.get(Member, key)

            def step(self, name):
                self.row.profile[name] = "done"  # <- IND101
                self.session.commit()


        def run(session):
            Steps(session, 1).step("one")
    """,
    "of a row that another method asks for": """
        class Steps:
            def __init__(self, session):
                self.session = session
                self.it = None

            def load(self, key):
                self.it = self.session.execute(select(Member).where(Member.id == key)).scalar_one()

            def step(self, name):
                profile = self.it.profile
                profile[name] = "done"  # <- IND101
                self.session.commit()


        def run(session):
            steps = Steps(session)
            steps.load(1)
            steps.step("one")
    """,
    "behind a property, of a row behind a property": """
        class Runner:
            def __init__(self, session, ident):
                self.session = session
                self.ident = ident

            @property
            def member(self):
                return self.session.get(Member, self.ident)

            @property
            def doc(self):
                return self.member.profile

            def go(self):
                self.doc["gone"] = True  # <- IND101
                self.session.commit()


        def run(session):
            Runner(session, 1).go()
    """,
}

RIGHT: dict[str, str] = {
    "of a row that another method asks for, marked": """
        class Steps:
            def __init__(self, session):
                self.session = session

            def load(self, key):
                self.it = self.session.query(Member).filter(Member.id == key).first()

            def step(self, name):
                self.it.profile[name] = "done"
                flag_modified(self.it, "profile")
                self.session.commit()


        def run(session):
            steps = Steps(session)
            steps.load(1)
            steps.step("one")
    """,
    "kept, copied and assigned": """
        class Steps:
            def __init__(self, session, ident):
                self.session = session
                self.member = session.get(Member, ident)
                self.state = dict(self.member.profile or {})

            def step(self, name):
                self.state[name] = "done"

            def save(self):
                self.member.profile = self.state
                self.session.commit()


        def run(session):
            steps = Steps(session, 1)
            steps.step("one")
            steps.save()
    """,
    "kept, marked by another method": """
        class Steps:
            def __init__(self, session, ident):
                self.session = session
                self.member = session.get(Member, ident)
                self.state = self.member.profile

            def step(self, name):
                self.state[name] = "done"

            def save(self):
                flag_modified(self.member, "profile")
                self.session.commit()


        def run(session):
            steps = Steps(session, 1)
            steps.step("one")
            steps.save()
    """,
    "kept, put through JSON": """
        class Steps:
            def __init__(self, session, ident):
                self.session = session
                self.member = session.get(Member, ident)
                self.state = self.member.profile

            def step(self, name):
                self.state[name] = "done"

            def save(self):
                self.member.profile = json.loads(json.dumps(self.state))
                flag_modified(self.member, "profile")
                self.session.commit()


        def run(session):
            steps = Steps(session, 1)
            steps.step("one")
            steps.save()
    """,
    "kept, marked and committed at once": """
        class Steps:
            def __init__(self, session, row):
                self.session = session
                self.row = row
                self.state = row.profile

            def step(self, name):
                self.state[name] = "done"
                flag_modified(self.row, "profile")
                self.session.commit()


        def run(session):
            Steps(session, session.get(Member, 1)).step("one")
    """,
    "kept, replaced by a copy": """
        class Steps:
            def __init__(self, session, row):
                self.session = session
                self.row = row
                self.state = row.profile

            def step(self, name):
                self.state = {**self.state, name: "done"}
                self.row.profile = self.state
                self.session.commit()


        def run(session):
            Steps(session, session.get(Member, 1)).step("one")
    """,
    "kept, marked by a method that it calls": """
        class Steps:
            def __init__(self, session, row):
                self.session = session
                self.row = row
                self.state = row.profile

            def _save(self):
                flag_modified(self.row, "profile")
                self.session.commit()

            def step(self, name):
                self.state[name] = "done"
                self._save()


        def run(session):
            Steps(session, session.get(Member, 1)).step("one")
    """,
}
