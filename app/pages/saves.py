"""The save: the one hot path, as a plain ASGI endpoint with a group commit.

Many candidates save at once; their saves wait for one another for the length of one commit and share it. An
answer is acknowledged only after that commit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from app.errors import CutscoreError, Invalid, LoggedOut, Missing, TooLarge
from app.exam.attempt import Confidence, Outcome
from app.pages.depends import LARGEST_ID, hash_token
from app.pages.errors import retry_headers, status_of
from app.pages.group_commit import Bucket, GroupCommit
from app.pages.render import fragment, html
from app.pages.sheets import QuestionFragment, question
from app.pages.site import Site
from app.store import attempts, people, responses
from app.store.responses import Incoming, Saved

LARGEST_BODY = 8 * 1024
MOST_HIGHLIGHTS = 100
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_KEY = re.compile(r"[A-Za-z0-9_:.-]{1,80}")
_SPAN = re.compile(r"(\d{1,5})-(\d{1,5})")
_NOT_TAKEN = {
    Outcome.PAUSED: "The exam is paused. What you just sent waits on this device; it is sent again when you resume.",
    Outcome.LATE: "The exam has ended. What you just sent was kept, but is not scored.",
}


@dataclass(frozen=True, slots=True)
class SavedFragment:
    """attempts/_saved.html: the answer to a save, the same whatever was chosen."""


class SaveResponse:
    """PUT /attempts/{attempt_id}/responses/{position}"""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._saved = html("attempts/_saved.html", SavedFragment()).encode()
        self._commits = GroupCommit[Incoming, responses.Answer](self._flush)
        self._bucket = Bucket()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, save, answer."""
        arrived_at = self._site.clock.now()  # what counts is when the request arrived, not when it was read
        try:
            session = _session(scope, self._site.cookie_name())
            self._bucket.take(session, arrived_at.timestamp())
            attempt_id, position = (_number_in_path(scope, name) for name in ("attempt_id", "position"))
            incoming = parse(await _body(receive), attempt_id, position, session, arrived_at)
            answer = await self._commits.submit(incoming)
            if isinstance(answer, CutscoreError):
                raise answer
            self._site.tally.outcomes[answer.outcome.value] += 1
            response = await self._answer(incoming, answer)
        except CutscoreError as error:
            self._site.tally.outcomes[type(error).__name__.lower()] += 1
            response = PlainTextResponse(str(error), status_of(error), retry_headers(error))
        await response(scope, receive, send)

    def _flush(self, group: list[Incoming]) -> Sequence[responses.Answer]:
        return self._site.write(lambda tx: responses.save_all(tx, group, self._site.sheets))

    async def _answer(self, incoming: Incoming, saved: Saved) -> Response:
        headers = {
            "Cutscore-Outcome": saved.outcome.value,
            "Cutscore-Rev": str(saved.response.rev),
            "Cutscore-State": saved.state.value,
        }
        if saved.remaining is not None:
            headers["Cutscore-Remaining"] = str(int(saved.remaining.total_seconds() * 1000))
        if saved.outcome in (Outcome.ACCEPTED, Outcome.SUPERSEDED):
            return Response(self._saved, 200, headers, media_type="text/html")
        if saved.outcome in _NOT_TAKEN:
            return PlainTextResponse(_NOT_TAKEN[saved.outcome], 409, headers)
        headers |= {"HX-Retarget": f"#q{incoming.position}", "HX-Reswap": "outerHTML"}
        return await run_in_threadpool(partial(self._newest, incoming, headers))

    def _newest(self, incoming: Incoming, headers: dict[str, str]) -> Response:
        with self._site.database.reading() as tx:
            visit = people.of_session(tx, incoming.session_sha256, incoming.at)
            if visit is None:
                raise LoggedOut("You are no longer logged in. Log in again.")
            attempt = attempts.get(tx, incoming.attempt_id, visit.person.id)
            pages = self._site.item_pages(tx, [attempt.sheet.at(incoming.position).item_version_id])
            stands = responses.current(tx, attempt.id).get(incoming.position)
        view = question(attempt, incoming.position, stands, pages)
        return fragment("attempts/_question.html", QuestionFragment(view, editable=True), 409, headers)


def parse(body: bytes, attempt_id: int, position: int, session_sha256: str, at: datetime) -> Incoming:
    """A save from a form body. Raises Invalid naming the field that is wrong."""
    try:
        values = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=400)
    except ValueError as error:
        raise Invalid("This save could not be read. Reload the page; nothing was changed.") from error

    def one(name: str, pattern: re.Pattern[str]) -> str:
        found = values.get(name, [])
        if len(found) != 1 or not pattern.fullmatch(found[0]):
            raise Invalid(f"This save has no proper {name}. Reload the page; nothing was changed.")
        return found[0]

    def number(name: str, most: int, default: str | None = None) -> int:
        found = values.get(name, [default] if default is not None else [])
        if len(found) != 1 or found[0] is None or not found[0].isascii() or not found[0].isdecimal():
            raise Invalid(f"This save has no proper {name}. Reload the page; nothing was changed.")
        if len(found[0]) > 16 or int(found[0]) > most:  # noqa: PLR2004 - more digits than 2^53 has
            raise Invalid(f"This save has a {name} that is too large. Reload the page; nothing was changed.")
        return int(found[0])

    spans = [_SPAN.fullmatch(text) for text in values.get("highlight", [])]
    if len(spans) > MOST_HIGHLIGHTS or not all(spans):
        raise Invalid("This save has highlights that cannot be read. Reload the page; nothing was changed.")
    confidence = values.get("confidence", [""])[-1]
    if confidence and confidence not in Confidence.__members__.values():
        raise Invalid("This save has no proper confidence. Reload the page; nothing was changed.")
    return Incoming(
        session_sha256=session_sha256,
        attempt_id=attempt_id,
        position=position,
        choice=tuple(values.get("choice", ())),
        struck=tuple(values.get("struck", ())),
        flagged=values.get("flagged", [""])[-1] == "1",
        highlights=tuple((int(span[1]), int(span[2])) for span in spans if span),
        confidence=Confidence(confidence) if confidence else None,
        seen=values.get("seen", [""])[-1] == "1",
        elapsed_ms=number("elapsed_ms", 10**10, "0"),
        client_id=one("client_id", _NAME),
        client_seq=number("client_seq", 2**53),
        idempotency_key=one("idempotency_key", _KEY),
        base_rev=number("base_rev", 2**31 - 1),
        at=at,
    )


def _number_in_path(scope: Scope, name: str) -> int:
    text: str = scope["path_params"][name]
    if (
        not text.isascii()
        or not text.isdecimal()
        or len(text) > len(str(LARGEST_ID))
        or int(text) > LARGEST_ID
    ):
        raise Missing("There is no such question.")
    return int(text)


def _session(scope: Scope, cookie_name: str) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie":
            token = cookie_parser(value.decode("latin-1")).get(cookie_name)
            if token:
                return hash_token(token)
    raise LoggedOut("You are not logged in. Log in; your answers are kept on this device.")


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("The connection was lost while the save was read; nothing was changed.")
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > LARGEST_BODY:
            raise TooLarge("This save is too large; nothing was changed.")
        if not message.get("more_body", False):
            return body
