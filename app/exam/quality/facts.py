"""Rules on what an item rests on: demands, whys, references, freshness, names, and the text as such."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from app.exam.item import Item
from app.exam.lexicon import Name
from app.exam.quality.measures import hidden_characters, sentences, words
from app.exam.quality.standard import Finding, Rule, Standard, error, note, warning
from app.exam.quality.vocabulary import LEGACY

WHY_WORDS = 12
FRESH = timedelta(days=365)
RATING_ABOVE_FLOOR = 0.05
RATING_BELOW = 0.97
ACCEPTED = 1
MOVING_WITHIN = 40

_QUOTES = "“”\"'`‘’"  # noqa: RUF001
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|base|body|br|button|center|div|embed|font|form|frame|h[1-6]|head|hr|html|i|iframe|img|input"
    r"|link|li|math|meta|object|ol|p|pre|script|span|strong|style|sub|sup|svg|table|td|textarea|th|tr|u|ul|video)"
    r"(?=[\s/>])|\bjavascript:",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`\n]*`")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_LOCAL = re.compile(r"[\w.+-]{1,64}$")
_LOCAL_LETTERS = 64
_EXAMPLE = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|local|localhost)$", re.IGNORECASE
)


def demands(item: Item, _: Standard) -> Iterator[Finding]:
    """L27: every demand of the scenario decides an option, and every distractor is decided by one."""
    if not item.constraints:
        yield error("no constraints are listed; name what the scenario demands and which option each decides")
        return
    decided = {name for demand in item.constraints for name in demand.decides}
    for demand in item.constraints:
        if not demand.decides:
            yield error(
                f"the demand “{demand.text}” decides no option; remove it from the scenario, or name one"
            )
    if left := [option.id for option in item.options if not option.key and option.id not in decided]:
        yield error(
            f"no demand decides {', '.join(left)}; name the constraint that rules each distractor out"
        )


def whys(item: Item, _: Standard) -> Iterator[Finding]:
    """L28: a reason for every option."""
    for option in item.options:
        if (count := words(option.why)) < WHY_WORDS:
            demand = f"name the demand that decides, in {WHY_WORDS} words or more"
            yield error(f"the why of option {option.id} has {count} words; {demand}")


def reference(item: Item, standard: Standard) -> Iterator[Finding]:
    """L29: a page, or a row of the fact list, that states the deciding fact."""
    domains, facts = standard.lexicon.domains, standard.lexicon.facts
    if any(_is_good_page(each.url, domains) for each in item.references):
        return
    if any(not facts or row in facts for row in item.facts):
        return
    where = f" on {', '.join(domains[:3])}" if domains else ""
    yield error(
        f"name an https page{where}, or a verified row of the fact list, that states the deciding fact"
    )


def _is_good_page(url: str, domains: tuple[str, ...]) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    named = not domains or any(host == domain or host.endswith(f".{domain}") for domain in domains)
    return parts.scheme == "https" and named


def freshness(item: Item, standard: Standard) -> Iterator[Finding]:
    """L30: facts checked within a year, no retired name in a key, no service that is too new."""
    as_of = standard.as_of
    if item.verified_on is None:
        yield error("verified_on is missing; check the facts and give the date")
    elif as_of - item.verified_on > FRESH:
        age = (as_of - item.verified_on).days
        yield error(f"verified {age} days ago; check the facts again and renew verified_on")
    elif item.verified_on > as_of:
        yield warning(f"verified_on {item.verified_on} lies after {as_of}")
    for option in item.options:
        if option.key and (found := _named(option.text, standard.lexicon.retired)):
            yield error(f"key {option.id} names {found.name}, which is retired{_instead(found)}")
    for service in item.services:
        if service.since and service.since > as_of - standard.embargo:
            until = service.since + standard.embargo
            yield note(f"{service.name} is of {service.since}; the item is kept off forms until {until}")


def _named(text: str, names: Iterable[Name]) -> Name | None:
    return next((each for each in names if _occurs(each.name, text)), None)


def _occurs(name: str, text: str) -> bool:
    """Whether a name stands in a text as words of its own."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = text.find(name, at + len(name))
    return False


def _instead(found: Name) -> str:
    row = f" (row {found.fact} of the fact list)" if found.fact is not None else ""
    return f"{row}; write {found.instead}" if found.instead else f"{row}; rest the key on what can be had"


def renamed(item: Item, standard: Standard) -> Iterator[Finding]:
    """L31: no name that is out of use, unless as a legacy state or in quotes."""
    texts = (*sentences(item.stem), *(option.text for option in item.options))
    for text in texts:
        found = _named(text, standard.lexicon.renamed)
        if found and not LEGACY.search(text) and not _quoted(found.name, text):
            yield warning(f"{found.name} is an old name{_instead(found)}, or say that it is the old state")
            return


def _quoted(name: str, text: str) -> bool:
    at = text.find(name)
    return text[at - 1 : at] in _QUOTES and text[at + len(name) : at + len(name) + 1] in _QUOTES and at > 0


def moving_numbers(item: Item, standard: Standard) -> Iterator[Finding]:
    """L32: no option turns on a number that is raised often."""
    for option in item.options:
        lower = option.text.lower()
        for moving in standard.lexicon.moving:
            if moving.near.lower() in lower and (found := _number_before(moving.unit.lower(), lower)):
                row = f" (row {moving.fact} of the fact list)" if moving.fact is not None else ""
                yield warning(
                    f"option {option.id} says “{found}”, a number that moves{row}; say what follows from it"
                )


def _number_before(unit: str, text: str) -> str:
    at = text.find(unit)
    while at >= 0:
        if found := re.search(
            r"\d[\d,.]{0,15}\s?(?:[a-z-]{1,15}\s)?$", text[max(0, at - MOVING_WITHIN) : at]
        ):
            return f"{found[0]}{unit}"
        at = text.find(unit, at + len(unit))
    return ""


def misconceptions(item: Item, _: Standard) -> Iterator[Finding]:
    """L35: every distractor says whom it tempts."""
    for option in item.options:
        if option.key:
            continue
        if missing := [name for name in ("trap", "misconception") if not getattr(option, name)]:
            yield error(f"distractor {option.id} has no {' and no '.join(missing)}; say what tempts")


def plain_text(item: Item, standard: Standard) -> Iterator[Finding]:
    """L40: nothing hidden, no markup, nobody real."""
    options = (part for o in item.options for part in (o.text, o.why, o.misconception))
    text = "\n".join((item.stem, item.rationale, *options))
    if found := hidden_characters(text):
        yield error(f"the text holds {', '.join(found)}; remove it")
    if not unicodedata.is_normalized("NFC", text):
        yield error("the text is not in Unicode form NFC; save it with composed letters")
    if mark := _MARKUP.search(_CODE.sub("", text)):
        yield error(
            f"the text holds the markup “{mark[0]}”; use Markdown, and `code` for what is shown as it is"
        )
    if address := _foreign_address(text):
        yield error(f"the text holds the address {address}; use one of example.com")
    companies = standard.lexicon.companies
    if item.company and companies and not item.company.startswith(companies):
        yield error(f"{item.company} may be somebody real; let the name begin with {' or '.join(companies)}")


def _foreign_address(text: str) -> str:
    at = text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        local = _LOCAL.search(text[max(0, at - _LOCAL_LETTERS) : at]) if domain else None
        if domain and local and not _EXAMPLE.search(domain[0]):
            return f"{local[0]}@{domain[0]}"
        at = text.find("@", at + 1)
    return ""


def required(item: Item, _: Standard) -> Iterator[Finding]:
    """What the blueprint, the report and the score need of every item."""
    needed = ("domain", "objective", "topic", "rating", "bloom", "constraint")
    if missing := [name for name in needed if getattr(item, name) is None]:
        yield error(f"a ready item also needs {', '.join(missing)}")


def rating(item: Item, _: Standard) -> Iterator[Finding]:
    """The rating lies above what a guess wins."""
    low = item.guessing_floor + RATING_ABOVE_FLOOR
    if item.rating is not None and not low < item.rating < RATING_BELOW:
        bounds = f"{low:.2f} (what a guess wins, and a little) and {RATING_BELOW}"
        yield error(f"the rating {item.rating:g} is not between {bounds}; rate the item again")


def accepted(item: Item, _: Standard) -> Iterator[Finding]:
    """One warning may stand, no more."""
    if len(item.accepted) > ACCEPTED:
        yield error(f"{len(item.accepted)} warnings are accepted; mend all but {ACCEPTED}")


RULES: tuple[tuple[str, Rule], ...] = (
    ("L27", demands),
    ("L28", whys),
    ("L29", reference),
    ("L30", freshness),
    ("L31", renamed),
    ("L32", moving_numbers),
    ("L35", misconceptions),
    ("L40", plain_text),
    ("required", required),
    ("rating", rating),
    ("accepted", accepted),
)
