"""How many items each domain of an exam gets."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from app.exam.pack import Exam


def largest_remainder(weights: Mapping[str, float], items: int) -> dict[str, int]:
    """Share out `items` in proportion to the weights: whole quotas first, the rest to the largest remainders.

    Ties go to the domain that comes first in order of id (D2 before D10). The shares are exact fractions, so
    a tie is a tie. ValueError when a weight is negative or none is positive.
    """
    exact = {name: Fraction(str(weight)) for name, weight in weights.items()}
    whole = sum(exact.values())
    if whole <= 0 or min(exact.values()) < 0:
        raise ValueError("a blueprint needs weights that are not negative, one of them positive")
    shares = {name: items * weight / whole for name, weight in exact.items()}
    counts = {name: int(share) for name, share in shares.items()}
    order = sorted(shares, key=lambda name: (counts[name] - shares[name], domain_order(name)))
    for name in order[: items - sum(counts.values())]:
        counts[name] += 1
    return counts


def domain_order(name: str) -> tuple[int, str]:
    """Sorts D2 before D10: shorter names first, then by letter."""
    return len(name), name


def scored_counts(exam: Exam) -> dict[str, int]:
    """Scored items of a form by domain."""
    return largest_remainder(exam.blueprint, exam.scored)


def pilot_counts(exam: Exam) -> dict[str, int]:
    """Unscored items of a form by domain."""
    return largest_remainder(exam.blueprint, exam.pilots)


def counts(exam: Exam) -> dict[str, int]:
    """All items of a form by domain: the scored ones and the pilots, each rounded for itself."""
    pilots = pilot_counts(exam)
    return {name: count + pilots[name] for name, count in scored_counts(exam).items()}
