"""The door of a Studio that has a password."""

import html
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from studio.sessions import COOKIE, LIFETIME_SECONDS, Sessions, Throttle

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · Studio</title>
<script src="/static/js/theme.js"></script>
<link rel="stylesheet" href="/static/css/tokens.css">
<style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--desk);
         color: var(--ink); font: 400 1rem/1.5 var(--sans, system-ui, sans-serif); }}
  form {{ box-sizing: border-box; width: min(22rem, calc(100vw - 2rem)); padding: 2rem; display: grid; gap: .75rem;
         background: var(--sheet); border: 1px solid var(--line); border-radius: var(--round-l, 10px); }}
  h1 {{ font: 600 1.5rem/1.2 var(--serif, serif); margin: 0 0 .5rem; }}
  input, button {{ font: inherit; padding: .6rem .75rem; border-radius: var(--round, 6px);
                   border: 1px solid var(--line-strong, GrayText); }}
  input {{ background: var(--raised, Field); color: inherit; }}
  button {{ cursor: pointer; font-weight: 600; background: var(--accent, ButtonFace);
           color: var(--accent-text, ButtonText); border-color: transparent; }}
  :focus-visible {{ outline: 2px solid var(--focus, Highlight); outline-offset: 2px; }}
  p {{ margin: 0; }}
  [role=alert] {{ color: var(--danger, inherit); }}
</style>
</head>
<body>
<form method="post" action="/login">
  <h1>Studio</h1>
  {message}
  <input type="hidden" name="next" value="{next}">
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
  <button>Log in</button>
</form>
</body>
</html>
"""
WRONG = "That is not the password. It is in STUDIO_PASSWORD, where Studio was started."


def create_login(sessions: Sessions) -> APIRouter:
    """Build the routes that open and close a session."""
    router = APIRouter(include_in_schema=False)
    throttle = Throttle()

    @router.get("/login")
    async def show(next: str = "/") -> Response:
        return _page(next)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        form = await request.form()
        password, target = str(form.get("password", "")), str(form.get("next", "/"))
        client = request.client.host if request.client else ""
        if wait := throttle.seconds_to_wait(client):
            message = f"Too many wrong passwords. Try again in {wait} seconds."
            return _page(target, message, status=429, headers={"Retry-After": str(wait)})
        if not sessions.opens(password):
            throttle.note_failure(client)
            return _page(target, WRONG, status=401)
        response = RedirectResponse(_local(target), 303)
        response.set_cookie(
            COOKIE,
            sessions.new_cookie(),
            max_age=LIFETIME_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    @router.post("/logout")
    async def log_out() -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    return router


def login_address(path: str) -> str:
    """Return the address of the login page that leads on to `path`."""
    return f"/login?next={quote(path, safe='/')}"


def _page(
    target: str, message: str = "", *, status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:
    shown = f'<p role="alert">{html.escape(message)}</p>' if message else ""
    content = PAGE.format(message=shown, next=html.escape(_local(target)))
    return HTMLResponse(content, status, {"Cache-Control": "no-store", **(headers or {})})


def _local(target: str) -> str:
    # "//other.example" and "/\other.example" are other hosts to a browser.
    return target if target.startswith("/") and target[1:2] not in ("/", "\\") else "/"
