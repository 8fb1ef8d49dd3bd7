"""Options that analyses share: in range, or an error that names them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate


def is_number(given: object) -> bool:
    """Whether it is a finite number: "0.9" is none, nor is None."""
    return isinstance(given, int | float | np.number) and math.isfinite(given)


def check_confidence(confidence: object) -> None:
    """Raises ParameterError unless it is a share: 90 is no 90%."""
    if not (is_number(confidence) and 0 < confidence < 1):  # type: ignore[operator]
        raise ParameterError(f"confidence == {confidence!r}, must be between 0 and 1.")


def check_whole(name: str, given: object, *, least: int) -> None:
    """Raises ParameterError for what is no whole number from `least` on; None is the default."""
    if given is not None and not (isinstance(given, int | np.integer) and given >= least):
        raise ParameterError(f"{name} == {given!r}, must be a whole number from {least} on.")


def check_amount(name: str, given: object, *, above: bool = False, most: float = math.inf) -> None:
    """Raises ParameterError unless the number, or the Estimate's value, is 0 or more (`above`: above
    0) and at most `most`."""
    number = given.value if isinstance(given, Estimate) else given
    fits = (
        isinstance(number, int | float | np.number)
        and math.isfinite(number)
        and 0 <= number <= most
    )
    if not fits or (above and number == 0):
        least = "above 0" if above else "0 or more"
        limit = f" and at most {most:g}" if math.isfinite(most) else ""
        raise ParameterError(f"{name} == {number!r}, must be {least}{limit}.")


def check_unit(name: str, given: object, *units: str) -> None:
    """Raises ParameterError for an Estimate in none of these units: taken for a year's, a month's money is a
    twelfth of what it is."""
    if isinstance(given, Estimate) and given.unit not in units:
        raise ParameterError(
            f"{name} is in {given.unit}, must be in {units[0]}: scale it, as in "
            f'estimate.scaled(factor, "{units[0]}").'
        )


def check_made(name: str, given: object, by: str, *holds: str) -> None:
    """Raises ParameterError for what lacks an attribute of what the function `by` returns: a frame, say, or
    another analysis's result."""
    if not all(hasattr(given, one) for one in holds):
        raise ParameterError(f"{name} is a {type(given).__name__}, must be what {by} returns.")


def check_rng(rng: object) -> None:
    """Raises ParameterError unless it is a seed or a numpy Generator: with None two runs would differ."""
    if isinstance(rng, np.random.Generator):
        return
    if isinstance(rng, bool) or not (isinstance(rng, int | np.integer) and rng >= 0):
        raise ParameterError(
            f"rng == {rng!r}, must be a seed (a whole number from 0 on) or a numpy.random.Generator."
        )


def check_apart(**parts: str | None) -> None:
    """Raises ParameterError where one column is asked to play two parts: of an amount as its own list amount
    nothing is given away."""
    roles: dict[str, str] = {}
    for role, name in parts.items():
        if name is None:
            continue
        if name in roles:
            raise ParameterError(f"{role} and {roles[name]} are both {name!r}; name two columns.")
        roles[name] = role


def names_of(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Column names; one alone may be given as it is, as in pingouin and seaborn, also one that is a
    number, as after a pivot."""
    if given is None:
        return ()
    return (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
