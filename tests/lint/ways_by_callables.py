"""Programs whose change is made by a lambda, a callback, a decorated or nested function."""

from __future__ import annotations

LOST: dict[str, str] = {
    "find by filter lambda": """
        def run(session):
            member = session.get(Member, 1)
            found = list(filter(lambda i: i["k"] == 1, member.profile["list"]))[0]
            found["x"] = 1  # <- IND101
            session.commit()
    """,
    "row among star args": """
        def touch(*rows):
            for row in rows:
                row.prefs["x"] = 1  # <- IND101


        def run(session):
            touch(session.get(Team, 1))
            session.commit()
    """,
    "row among star args with name": """
        def touch(key, *teams):
            for team in teams:
                team.prefs[key] = 1  # <- IND101


        def run(session):
            touch("x", session.get(Team, 1))
            session.commit()
    """,
    "star args forwarded": """
        def touch(row, key):
            row.prefs[key] = 1  # <- IND101


        def call(fn, *args, **kwargs):
            return fn(*args, **kwargs)


        def run(session):
            call(touch, session.get(Team, 1), "x")
            session.commit()
    """,
    "lambda that changes": """
        def run(session):
            team = session.get(Team, 1)
            put = lambda key, value: team.prefs.update({key: value})  # <- IND101
            put("x", 1)
            session.commit()
    """,
    "callback given a row": """
        def each(session, do):
            for team in session.query(Team):
                do(team)


        def touch(row):
            row.prefs["x"] = 1  # <- IND101


        def run(session):
            each(session, touch)
            session.commit()
    """,
    "lambda given a row": """
        def each(session, do):
            for team in session.query(Team):
                do(team)


        def run(session):
            each(session, lambda team: team.prefs.update(x=1))  # <- IND101
            session.commit()
    """,
    "nested function called": """
        def run(session):
            team = session.get(Team, 1)

            def put(key, value):
                team.prefs[key] = value  # <- IND101

            put("x", 1)
            session.commit()
    """,
    "nested function with its own row": """
        def run(session):
            def put(row, key, value):
                row.prefs[key] = value  # <- IND101

            put(session.get(Team, 1), "x", 1)
            session.commit()
    """,
    "nested function with its own document": """
        def run(session):
            def walk(node):
                node["x"] = 1  # <- IND101

            walk(session.get(Team, 1).prefs)
            session.commit()
    """,
    "partial": """
        import functools


        def put(row, key, value):
            row.prefs[key] = value  # <- IND101


        def run(session):
            setter = functools.partial(put, session.get(Team, 1))
            setter("x", 1)
            session.commit()
    """,
    "map over rows": """
        def touch(row):
            row.prefs["x"] = 1  # <- IND101
            return row


        def run(session):
            list(map(touch, session.query(Team).all()))
            session.commit()
    """,
    "context manager of project commits": """
        from contextlib import contextmanager


        @contextmanager
        def scope(session):
            try:
                yield session
                session.commit()
            except Exception:
                session.rollback()
                raise


        def run(session):
            with scope(session) as s:
                team = s.get(Team, 1)
                team.prefs["x"] = 1  # <- IND101
    """,
    "decorator that commits": """
        import functools


        def transactional(function):
            @functools.wraps(function)
            def wrapper(session, *args, **kwargs):
                result = function(session, *args, **kwargs)
                session.commit()
                return result
            return wrapper


        @transactional
        def run(session):
            team = session.query(Team).first()
            team.prefs["x"] = 1  # <- IND101
    """,
    "decorator that gives a session": """
        import functools


        def provide_session(function):
            @functools.wraps(function)
            def wrapper(session, *args, **kwargs):
                result = function(*args, session=session, **kwargs)
                session.commit()
                return result
            return wrapper


        @provide_session
        def run(*, session=None):
            for team in session.query(Team).filter(Team.id == 1):
                team.prefs["x"] = 1  # <- IND101
    """,
}

RIGHT: dict[str, str] = {
    "nested function called, marked after": """
        def run(session):
            team = session.get(Team, 1)

            def put(key, value):
                team.prefs[key] = value

            put("x", 1)
            flag_modified(team, "prefs")
            session.commit()
    """,
}
