"""Programs that commit on one of several ways, or at the end of a context."""

from __future__ import annotations

LOST: dict[str, str] = {
    "committed before it is marked, on a way that returns": """
        def run(session, flag=True):
            member = session.get(Member, 1)
            member.profile["x"] = 1  # <- IND105
            if flag:
                session.commit()
                return
            flag_modified(member, "profile")
            session.commit()
    """,
    "marked on the way that returns only": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["x"] = 1  # <- IND105
            if member.id != 1:
                flag_modified(member, "profile")
                session.commit()
                return
            session.commit()
    """,
    "committed before it is copied": """
        def run(session):
            member = session.get(Member, 1)
            profile = member.profile
            profile["tries"] = profile.get("tries", 0) + 1  # <- IND102
            if profile["tries"] == 1:
                session.commit()
                return {"ok": False}
            member.profile = dict(profile)
            session.commit()
            return {"ok": True}
    """,
    "a context that gives a document and commits": """
        from contextlib import contextmanager

        @contextmanager
        def profile_of(session, ident):
            member = session.get(Member, ident)
            yield member.profile
            session.commit()


        def run(session):
            with profile_of(session, 1) as profile:
                profile["x"] = 1  # <- IND101
    """,
    "a context that gives a row and commits": """
        from contextlib import contextmanager

        @contextmanager
        def editing(session, ident):
            member = session.get(Member, ident)
            yield member
            session.commit()


        def run(session):
            with editing(session, 1) as member:
                member.profile["x"] = 1  # <- IND101
    """,
}

RIGHT: dict[str, str] = {
    "a row that is deleted": """
        def run(session):
            member = session.get(Member, 1)
            member.profile["gone"] = True
            session.delete(member)
            session.commit()
    """,
    "a decorator that marks, a function that commits": """
        def marks(function):
            def inner(row, *args):
                flag_modified(row, "profile")
                return function(row, *args)
            return inner


        @marks
        def visit(member, session):
            member.profile["x"] = 1
            session.commit()


        def run(session):
            visit(session.get(Member, 1), session)
    """,
    "marked by a listener before each flush": """
        from sqlalchemy import event


        def run(session):
            def mark(flushed, *_):
                for row in flushed.identity_map.values():
                    flag_modified(row, "profile")

            event.listen(session, "before_commit", mark)
            member = session.get(Member, 1)
            member.profile["x"] = 1
            session.commit()
    """,
    "marked if it was changed": """
        def run(session):
            member = session.get(Member, 1)
            changed = member.profile.get("x") != 1
            member.profile["x"] = 1
            if changed:
                flag_modified(member, "profile")
            session.commit()
    """,
    "committed where nothing was changed": """
        def run(session):
            member = session.get(Member, 1)
            changed = False
            if member.id == 1:
                member.profile["x"] = 1
                changed = True
            if not changed:
                session.commit()
                return
            flag_modified(member, "profile")
            session.commit()
    """,
    "committed and marked in each turn": """
        def run(session):
            for member in session.scalars(select(Member)).all():
                member.profile["x"] = 1
                flag_modified(member, "profile")
                session.commit()
    """,
    "a context that marks": """
        from contextlib import contextmanager

        @contextmanager
        def editing(row, column):
            yield getattr(row, column)
            flag_modified(row, column)


        def run(session):
            member = session.get(Member, 1)
            with editing(member, "profile") as profile:
                profile["x"] = 1
            session.commit()
    """,
    "a decorator that marks the column that it is told": """
        from functools import wraps

        def marks(column):
            def decorate(function):
                @wraps(function)
                def inner(row, *args):
                    result = function(row, *args)
                    flag_modified(row, column)
                    return result
                return inner
            return decorate


        @marks("profile")
        def visit(member, value):
            member.profile["x"] = value


        def run(session):
            visit(session.get(Member, 1), 2)
            session.commit()
    """,
    "a decorator that marks": """
        def marks(function):
            def inner(row, *args):
                result = function(row, *args)
                flag_modified(row, "profile")
                return result
            return inner


        @marks
        def visit(member, value):
            member.profile["x"] = value


        def run(session):
            visit(session.get(Member, 1), 2)
            session.commit()
    """,
}
