"""Who may talk to Studio."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from studio.security import Guard
from studio.sessions import FAILURE_WINDOW_SECONDS, MOST_FAILURES, Sessions, Throttle
from studio.settings import Settings, SettingsError

ProblemOf = Callable[[httpx.Response, int, str], dict[str, Any]]

PASSWORD = "correct horse battery"


@pytest_asyncio.fixture
async def guarded(open_studio: Any, sqlite_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a Studio that has a password."""
    async with open_studio(STUDIO_DATABASE_URL=sqlite_url, STUDIO_PASSWORD=PASSWORD) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8750",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "[",
        "8.8.8.8",
    ],
)
async def test_a_name_that_studio_does_not_have_is_refused(
    client: httpx.AsyncClient, problem_of: ProblemOf, host: str
) -> None:
    """A foreign name that was rebound to this machine reads and writes nothing."""
    problem_of(await client.get("/api/projects", headers={"Host": host}), 421, "unknown-host")
    refused = await client.post("/api/projects", json={"title": "x"}, headers={"Host": host})
    problem_of(refused, 421, "unknown-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8750", "[::1]:8750", "127.8.8.8"])
async def test_every_name_of_this_machine_is_served(client: httpx.AsyncClient, host: str) -> None:
    """Loopback by any of its names, on any port: a tunnel may change it."""
    assert (await client.get("/api/projects", headers={"Host": host})).status_code == 200


async def test_other_names_are_served_when_they_are_allowed(open_studio: Any, sqlite_url: str) -> None:
    """STUDIO_ALLOWED_HOSTS lets a name in, and only that."""
    async with open_studio(
        STUDIO_DATABASE_URL=sqlite_url, STUDIO_ALLOWED_HOSTS="studio.example, b"
    ) as client:
        assert (await client.get("/api/health", headers={"Host": "Studio.Example"})).status_code == 200
        assert (await client.get("/api/health", headers={"Host": "example"})).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "file://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_sites_page_cannot_write(
    client: httpx.AsyncClient, problem_of: ProblemOf, headers: dict[str, str]
) -> None:
    """A form or a script of another site, another port included, changes nothing."""
    for body in ({"json": {"title": "x"}}, {"content": b'{"title": "x"}'}):
        problem_of(await client.post("/api/projects", headers=headers, **body), 403, "foreign-origin")
    assert (await client.get("/api/projects")).json()["total"] == 1


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_studios_own_pages_and_programs_can_write(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """The same origin, and programs that are no browser."""
    assert (await client.post("/api/projects", json={"title": "x"}, headers=headers)).status_code == 201


async def test_a_body_that_a_form_could_send_is_not_taken_for_json(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """JSON under a simple type, which needs no leave of the browser, is refused."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        refused = await client.post(
            "/api/projects", content=b'{"title": "x"}', headers={"content-type": kind}
        )
        problem_of(refused, 422, "invalid-request")


async def test_every_answer_tells_the_browser_what_not_to_do(client: httpx.AsyncClient) -> None:
    """Policy, type and framing headers are on answers, refusals and errors alike."""
    for response in (
        await client.get("/api/projects"),
        await client.get("/api/nothing"),
        await client.get("/nothing"),
        await client.get("/api/projects", headers={"Host": "evil.example"}),
    ):
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"


async def test_a_password_closes_everything_but_the_door(
    guarded: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """The API answers 401, a page leads to the login and back, health stays open."""
    problem_of(await guarded.get("/api/projects"), 401, "not-logged-in")
    problem_of(await guarded.post("/api/projects", json={"title": "x"}), 401, "not-logged-in")
    problem_of(await guarded.get("/api/openapi.json"), 401, "not-logged-in")
    page = await guarded.get("/projects/1")
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/projects/1")
    assert (await guarded.get("/api/health")).status_code == 200
    # Without pages there is no style to serve: what counts is that the door does not stand before it.
    assert (await guarded.get("/static/css/tokens.css")).status_code == 404
    assert (await guarded.get("/static/%2e%2e/api/projects")).status_code in (303, 401)
    assert 'type="password"' in (await guarded.get("/login")).text


async def test_the_password_opens_a_session_and_logging_out_ends_it(guarded: httpx.AsyncClient) -> None:
    """The cookie is signed, kept from scripts and from other sites; the login leads on to the page."""
    opened = await guarded.post("/login", data={"password": PASSWORD, "next": "/projects/1"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/projects/1")
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert (await guarded.get("/api/projects")).status_code == 200
    await guarded.post("/logout")
    assert (await guarded.get("/api/projects")).status_code == 401


async def test_a_session_over_https_is_for_https_only(open_studio: Any, sqlite_url: str) -> None:
    """Behind TLS the cookie is marked Secure."""
    async with open_studio(
        "https://localhost", STUDIO_DATABASE_URL=sqlite_url, STUDIO_PASSWORD=PASSWORD
    ) as client:
        opened = await client.post("/login", data={"password": PASSWORD})
        assert "secure" in opened.headers["set-cookie"].lower()


async def test_wrong_passwords_are_refused_and_then_slowed_down(guarded: httpx.AsyncClient) -> None:
    """A wrong password says where the right one is; after a few, even the right one has to wait."""
    for _ in range(MOST_FAILURES):
        refused = await guarded.post("/login", data={"password": "wrong"})
        assert refused.status_code == 401
        assert "STUDIO_PASSWORD" in refused.text
        assert "set-cookie" not in refused.headers
    waiting = await guarded.post("/login", data={"password": PASSWORD})
    assert waiting.status_code == 429
    assert 0 < int(waiting.headers["retry-after"]) <= FAILURE_WINDOW_SECONDS + 1


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", ""]
)
async def test_the_login_leads_nowhere_else(guarded: httpx.AsyncClient, target: str) -> None:
    """An address of another site in `next` is dropped."""
    opened = await guarded.post("/login", data={"password": PASSWORD, "next": target})
    assert opened.headers["location"] == "/"


async def test_the_login_page_escapes_where_it_leads(guarded: httpx.AsyncClient) -> None:
    """`next` cannot bring markup into the page."""
    page = await guarded.get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>" not in page.text


@pytest.mark.parametrize("cookie", ["", "x", "ImluIg.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
async def test_a_cookie_that_studio_did_not_sign_opens_nothing(
    guarded: httpx.AsyncClient, cookie: str
) -> None:
    """Empty, broken and forged cookies are no session."""
    refused = await guarded.get("/api/projects", headers={"Cookie": f"studio_session={cookie}"})
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("headers", "password", "taken"),
    [
        ({"host": "localhost", "origin": "http://localhost"}, None, True),
        ({"host": "localhost"}, None, True),
        ({"host": "localhost", "origin": "http://evil.example"}, None, False),
        ({"host": "evil.example", "origin": "http://evil.example"}, None, False),
        ({"host": "localhost", "origin": "http://localhost"}, PASSWORD, False),
        (
            {"host": "localhost", "cookie": f"studio_session={Sessions(PASSWORD, b'key').new_cookie()}"},
            PASSWORD,
            True,
        ),
    ],
)
async def test_the_pages_socket_is_guarded_like_a_request(
    headers: dict[str, str], password: str | None, taken: bool
) -> None:
    """A WebSocket of another site's page, under another name or without a session is closed unopened."""
    reached, sent = [], []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    sessions = None if password is None else Sessions(password, b"key")
    guard = Guard(app, settings=Settings.from_environment({}), sessions=sessions)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await guard({"type": "websocket", "path": "/_nicegui_ws/socket.io", "headers": raw}, receive, send)
    assert bool(reached) == taken
    assert [message["type"] for message in sent] == ([] if taken else ["websocket.close"])


def test_another_password_ends_all_sessions() -> None:
    """A cookie given out under one password, or one key, is worth nothing under another."""
    cookies = {"studio_session": Sessions("one", b"key").new_cookie()}
    assert Sessions("one", b"key").knows(cookies)
    assert not Sessions("two", b"key").knows(cookies)
    assert not Sessions("one", b"other").knows(cookies)


def test_a_throttle_lets_in_again_after_its_window() -> None:
    """Failures count per address, and only for a while."""
    now = 0.0
    throttle = Throttle(lambda: now)
    for _ in range(MOST_FAILURES):
        throttle.note_failure("a")
    assert throttle.seconds_to_wait("a") > 0
    assert throttle.seconds_to_wait("b") == 0
    now = FAILURE_WINDOW_SECONDS + 1
    assert throttle.seconds_to_wait("a") == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.example"])
def test_listening_beyond_this_machine_asks_for_a_password(tmp_path: Any, host: str) -> None:
    """Without a password, or with a short one, the app is not built; with a good one it is."""
    from studio.app import create_app

    environment = {"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_HOST": host}
    for password in ({}, {"STUDIO_PASSWORD": "short"}):
        with pytest.raises(SettingsError, match="STUDIO_PASSWORD"):
            create_app(Settings.from_environment({**environment, **password}), pages=False)
    create_app(Settings.from_environment({**environment, "STUDIO_PASSWORD": PASSWORD}), pages=False)
