"""Who may talk to Studio: names it answers to, pages it takes orders from, and what a browser may do with it."""

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.login import login_address
from studio.problem_json import problem_response
from studio.sessions import Sessions
from studio.settings import Settings, is_loopback_host

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Reachable without the password: the door itself, and what a load balancer asks.
OPEN_PATHS = frozenset({"/login", "/api/health"})
# How Studio looks, which the door needs as well and which is no secret.
LOOKS = "/static/"

# NiceGUI runs what its pages send as JavaScript, hence the two `unsafe`; nothing is loaded from, or sent to,
# another host.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would send `Origin: null` with forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """Turn away who may not talk to Studio, before anything of it runs.

    A name that Studio does not answer to is refused (a foreign name that was rebound to this address), a request
    that another site's page makes is refused (so is its WebSocket), and with a password set only a session that
    knows it gets in.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, sessions: Sessions | None) -> None:
        self._app = app
        self._names = ServedNames(settings)
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._names.include(host):
            return problem_response(
                421,
                "unknown-host",
                "Studio does not answer to this name",
                "Open Studio by the address it printed when it started. To reach it by another name, "
                "put that name into STUDIO_ALLOWED_HOSTS.",
            )
        if is_foreign(headers, host, scope.get("method", "GET")):
            return problem_response(
                403,
                "foreign-origin",
                "Another site's page sent this",
                "Studio takes orders from its own pages only. Open Studio itself and do it there.",
            )
        if (
            self._sessions is None
            or _is_open(scope["path"])
            or self._sessions.knows(HTTPConnection(scope).cookies)
        ):
            return None
        return _ask_to_log_in(scope)


class ServedNames:
    """The names in a Host header that Studio answers to.

    An address is always good: rebinding needs a name. Of names, `localhost` is, those in STUDIO_ALLOWED_HOSTS
    are, and this machine's own when Studio listens beyond loopback.
    """

    def __init__(self, settings: Settings) -> None:
        self._names = {"localhost", *settings.allowed_hosts}
        self._loopback_only = settings.is_loopback
        if not settings.is_loopback:
            self._names |= {socket.gethostname().lower(), settings.host.lower()}

    def include(self, host: str) -> bool:
        """Tell whether Studio answers to this Host header."""
        name = host_name(host)
        if name is None:
            return False
        if name in self._names:
            return True
        return is_loopback_host(name) if self._loopback_only else _is_address(name)


def host_name(host: str) -> str | None:
    """Return the name or address in a Host header without its port, or None when it has none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def is_foreign(headers: Mapping[str, str], host: str, method: str) -> bool:
    """Tell whether a page of another site makes this request."""
    origin = headers.get("origin")
    if origin is not None:
        parts = origin.lower().split("://", 1)
        return len(parts) != 2 or parts[0] not in ("http", "https") or parts[1] != host.lower()
    # Browsers leave Origin out of some requests, and say then whose page it was; other programs say nothing.
    return method not in SAFE_METHODS and headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_open(path: str) -> bool:
    # A path with ".." in it is not where it says; servers do not serve such, and it need not be tried.
    return path in OPEN_PATHS or (path.startswith(LOOKS) and ".." not in path)


def _ask_to_log_in(scope: Scope) -> Response:
    if scope["path"].startswith("/api/") or scope.get("method") not in ("GET", "HEAD"):
        return problem_response(
            401,
            "not-logged-in",
            "Log in first",
            "Send the password to /login and repeat this with the cookie that it answers.",
            headers={"WWW-Authenticate": 'Cookie realm="Studio"'},
        )
    return RedirectResponse(login_address(scope["path"]), 303)


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
