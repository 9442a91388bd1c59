"""Programs that name a column in a constant, or leave a method to the classes below."""

from __future__ import annotations

LOST: dict[str, str] = {
    "getattr with a constant": """
        FIELD = "profile"

        def run(session):
            member = session.get(Member, 1)
            getattr(member, FIELD)["x"] = 1  # <- IND101
            session.commit()
    """,
    "setattr with a constant": """
        FIELD = "profile"

        def run(session):
            member = session.get(Member, 1)
            doc = getattr(member, FIELD)
            doc["x"] = 1  # <- IND102
            setattr(member, FIELD, doc)
            session.commit()
    """,
    "names in a tuple of the module": """
        FIELDS = ("profile",)

        def run(session):
            member = session.get(Member, 1)
            for field in FIELDS:
                getattr(member, field)["x"] = 1  # <- IND101
            session.commit()
    """,
    "names in a tuple on the spot": """
        def run(session):
            member = session.get(Member, 1)
            for field in ("profile", "gone"):
                doc = getattr(member, field, None)
                if doc:
                    doc["x"] = 1  # <- IND101
            session.commit()
    """,
    "a constant of the class": """
        class Editor:
            FIELD = "profile"

            def edit(self, session):
                member = session.get(Member, 1)
                getattr(member, self.FIELD)["x"] = 1  # <- IND101
                session.commit()


        def run(session):
            Editor().edit(session)
    """,
    "a method that the class below has": """
        from abc import ABC, abstractmethod

        class Base_(ABC):
            def __init__(self, session):
                self.session = session

            @abstractmethod
            def find(self, ident): ...

            def touch(self, ident):
                row = self.find(ident)
                row.profile["touched"] = True  # <- IND101
                self.session.commit()


        class Members(Base_):
            def find(self, ident):
                return self.session.query(Member).get(ident)


        def run(session):
            Members(session).touch(1)
    """,
    "a method that raises NotImplementedError": """
        class Service:
            def __init__(self, session):
                self.session = session

            def find(self, ident):
                raise NotImplementedError

            def touch(self, ident):
                row = self.find(ident)
                row.profile["touched"] = True  # <- IND101
                self.session.commit()


        class Members(Service):
            def find(self, ident):
                return self.session.get(Member, ident)


        def run(session):
            Members(session).touch(1)
    """,
}

RIGHT: dict[str, str] = {
    "flag_modified with a constant": """
        FIELD = "profile"

        def run(session):
            member = session.get(Member, 1)
            member.profile["x"] = 1
            flag_modified(member, FIELD)
            session.commit()
    """,
}
