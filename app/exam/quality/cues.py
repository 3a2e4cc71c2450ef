"""Rules on cues: what gives the key away to somebody who knows nothing of the subject."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from app.exam.item import Item
from app.exam.quality.measures import content_words, jaccard, lower_words, question_of, without_select
from app.exam.quality.standard import Finding, Rule, Standard, distractors, keys, note, warning
from app.exam.quality.vocabulary import IMPERATIVES

ALIKE, UNLIKE = 0.8, 0.3
CONVERGED = 1

_NAME = re.compile(r"\b[A-Z][\w-]*")


def word_repeats(item: Item, standard: Standard) -> Iterator[Finding]:
    """L14: no word of the stem comes back in the key alone."""
    wrong = frozenset().union(*map(content_words, distractors(item)))
    right = frozenset().union(*map(content_words, keys(item)))
    names = {word for name in standard.lexicon.names for word in lower_words(name)}
    stem = content_words(without_select(item.stem))
    if shared := sorted((stem & right) - wrong - names):
        yield warning(
            f"the key repeats {', '.join(f'“{w}”' for w in shared[:4])} of the stem and no distractor does; "
            "reword the key, or let a distractor use it"
        )


def components(text: str) -> frozenset[str]:
    """The parts that a design is made of, as far as words tell: names in capitals and verbs of command."""
    names = {found.lower() for found in _NAME.findall(text)}
    return frozenset(names | (set(lower_words(text)) & IMPERATIVES))


def shared_components(item: Item) -> list[int]:
    """For each option, how many of its components another option has too."""
    parts = [components(option.text) for option in item.options]
    counts = Counter(part for each in parts for part in each)
    return [sum(counts[part] > 1 for part in each) for each in parts]


def convergence(item: Item, _: Standard) -> Iterator[Finding]:
    """L15: the key is not the one that the others are variations of."""
    shared = shared_components(item)
    right = [count for count, option in zip(shared, item.options, strict=True) if option.key]
    wrong = [count for count, option in zip(shared, item.options, strict=True) if not option.key]
    if right and wrong and min(right) > max(wrong) + CONVERGED:
        yield warning(
            f"the key shares {min(right)} parts with other options, no distractor more than {max(wrong)}; "
            "let distractors share parts with each other"
        )


def pairs(item: Item, _: Standard) -> Iterator[Finding]:
    """L16: no two options are nearly alike with the key among them, the others being far off."""
    bags = [(option, frozenset(lower_words(option.text))) for option in item.options]
    likeness = {(a.id, b.id): jaccard(x, y) for (a, x), (b, y) in combinations(bags, 2)}
    near = [pair for pair, share in likeness.items() if share > ALIKE]
    if len(near) != 1 or not item.key & set(near[0]):
        return
    message = f"options {' and '.join(near[0])} are nearly alike and one is a key"
    if all(share < UNLIKE for pair, share in likeness.items() if pair != near[0]):
        yield warning(f"{message}, the others are far off; make another pair, or set these two apart")
    else:
        yield note(message)


def logical_cue(item: Item, standard: Standard) -> Iterator[Finding]:
    """L38: more than one option is of the kind that the question demands."""
    question = question_of(item.stem).lower()
    for category in standard.lexicon.categories:
        if not re.search(rf"\b{re.escape(category.demand.lower())}s?\b", question):
            continue
        named = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in category.names))
        holding = [option for option in item.options if named.search(option.text)]
        if len(holding) == 1 and holding[0].key:
            yield warning(
                f"the question asks for a {category.demand} and only the key names one; let a distractor name "
                "one too"
            )


RULES: tuple[tuple[str, Rule], ...] = (
    ("L14", word_repeats),
    ("L15", convergence),
    ("L16", pairs),
    ("L38", logical_cue),
)
