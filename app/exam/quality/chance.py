"""What chance alone would do: the tails that the bank rules are held against. No library needed."""

from __future__ import annotations

from math import erfc, exp, lgamma, log, pi, sqrt


def _binomial(k: int, n: int, p: float) -> float:
    return exp(_log_choose(n, k) + k * log(p) + (n - k) * log(1 - p))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def limit(trials: int, chance: float, alpha: float) -> int:
    """The most right answers that chance may give: more of them have a probability of `alpha` at most."""
    tail, k = 0.0, trials
    while k > 0 and (tail := tail + _binomial(k, trials, chance)) <= alpha:
        k -= 1
    return k


def chi_square_tail_3(value: float) -> float:
    """P(X >= value) for a chi-square of 3 degrees of freedom: the closed form."""
    return erfc(sqrt(value / 2)) + sqrt(2 * value / pi) * exp(-value / 2)


def fisher_tail(first: int, first_of: int, second: int, second_of: int) -> float:
    """Fisher's exact test, one-sided: the chance of `first` or more of `first_of`, the margins given."""
    marked, everything = first + second, first_of + second_of
    most = min(marked, first_of)
    if everything <= 0:
        return 1.0
    scale = _log_choose(everything, marked)
    return min(
        1.0,
        sum(
            exp(_log_choose(first_of, k) + _log_choose(second_of, marked - k) - scale)
            for k in range(first, most + 1)
            if marked - k <= second_of
        ),
    )
