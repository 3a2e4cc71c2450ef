"""The guard before every route: hosts, cross-site requests, sizes, and the headers of every answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.pages.errors import too_large, unforeseen
from app.settings import Settings

_log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
UPLOADS = frozenset({"/packs/import", "/api/v1/packs/check", "/api/v1/packs/imports"})
"""Where files are handed in."""
LONGEST_LENGTH = 18  # digits of a Content-Length
# Load balancers and containers ask these by whatever address they know; neither answer holds anything of anybody.
FOR_EVERY_HOST = frozenset({"/healthz", "/readyz"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class Guard:
    """ASGI middleware, plain, because the save goes through it too."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = frozenset(name.strip("[]") for name in settings.trusted_hosts)
        self._any_host = "*" in self._hosts
        self._largest_upload = settings.upload_megabytes * 2**20
        extra = {"Strict-Transport-Security": "max-age=31536000"} if settings.secure_cookies else {}
        added = SECURITY_HEADERS | extra | {"Cache-Control": "no-store"}
        self._headers = [(n.lower().encode(), v.encode()) for n, v in added.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what must not come in; add headers to what goes out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in self._headers if pair[0] not in present),
                ]
            await send(message)

        headers = dict(reversed(scope["headers"]))  # of a header that comes twice the first one counts
        is_upload = scope["method"] == "POST" and scope["path"] in UPLOADS
        most = LARGEST_BODY + self._largest_upload if is_upload else LARGEST_BODY
        refusal = self._refusal(scope, headers, most)
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, _limited(receive, most), send_with_headers)
        except BodyTooLargeError as error:
            await too_large(Request(scope), error.detail)(scope, receive, send_with_headers)
        except (
            ClientDisconnect
        ):  # before all of it came: nobody is there to answer, and nothing is wrong here
            return
        except Exception:
            if started:
                raise
            # The route, not the address: that may hold the token of a one-time link.
            _log.exception("%s %s failed", scope["method"], getattr(scope.get("route"), "path", ""))
            await unforeseen(Request(scope))(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Mapping[bytes, bytes], most: int) -> Response | None:
        method, path = scope["method"], scope["path"]
        host = _hostname(headers.get(b"host", b""))
        if not self._any_host and host not in self._hosts and path not in FOR_EVERY_HOST:
            return PlainTextResponse("This host name is not served here. See CUTSCORE_TRUSTED_HOSTS.", 400)
        if method not in SAFE_METHODS and not _same_site(headers):
            return PlainTextResponse(
                "This request came from another site and was refused. Nothing was changed.", 403
            )
        length = headers.get(b"content-length", b"0")
        if not (length.isdigit() and len(length) <= LONGEST_LENGTH):
            return PlainTextResponse("The length of this request cannot be read.", 400)
        if int(length) > most:
            return too_large(Request(scope), _too_large(most))
        return None


def _same_site(headers: Mapping[bytes, bytes]) -> bool:
    """Whether an unsafe request comes from a page of this very origin.

    Browsers send Sec-Fetch-Site from secure contexts and Origin elsewhere; at least one is there. A request with
    a bearer token carries no cookie, so nobody can be tricked into sending it.
    """
    if headers.get(b"authorization", b"").lower().startswith(b"bearer ") and b"cookie" not in headers:
        return True
    fetch_site = headers.get(b"sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in (b"same-origin", b"none")
    origin, host = headers.get(b"origin"), headers.get(b"host")
    return origin is not None and host is not None and _split(origin).netloc == host.decode("latin-1")


@lru_cache(maxsize=100)
def _hostname(host: bytes) -> str:
    return _split(b"//" + host).hostname or ""


def _split(address: bytes) -> SplitResult:
    """The parts of an address; of one that cannot be read, nothing."""
    try:
        return urlsplit(address.decode("latin-1"))
    except ValueError:
        return urlsplit("")


def _too_large(most: int) -> str:
    if most > LARGEST_BODY:
        megabytes = (most - LARGEST_BODY) // 2**20
        return f"This file is too large: at most {megabytes} MB. Nothing was kept. Split it, or pack it as a zip."
    return f"This request is too large: at most {most // 1024} KiB. Nothing was changed."


class BodyTooLargeError(HTTPException):
    """More body came than is allowed. An HTTPException, since the framework makes 400 of any other error that
    reading a form raises."""

    def __init__(self, most: int) -> None:
        super().__init__(413, _too_large(most))


def _limited(receive: Receive, most: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise BodyTooLargeError(most)
        return message

    return counted
