"""What a reader must know about list prices and discounts before trusting a number."""

from __future__ import annotations

import pandas as pd

from salesops_lib import wording


def without_list(unknown: int, won: int, at_list: float | None = None) -> str:
    """Won deals that cannot be counted; `at_list` is what customers would pay of list had those been sold at it."""
    text = (
        f"{wording.count(unknown, 'won deal')} of {won:,} {'has' if unknown == 1 else 'have'} no list "
        "amount above zero or no amount, and count nowhere here."
    )
    if at_list is None:
        return text
    return (
        f"{text} If list amounts are written down only where a discount was given, the others were sold at list, and "
        f"customers pay {wording.percent(at_list)} of it. Write a list amount to every deal."
    )


def free(count: int, won: int, counted: float) -> str:
    """Deals won for nothing; `counted` is what customers would pay of list with them."""
    return (
        f"{wording.count(count, 'won deal')} of {won:,} with a list amount {'has' if count == 1 else 'have'} an amount "
        "of 0 and count nowhere here: what is given away whole (a trial, a replacement), or has no amount yet, "
        f"is no discount. With {'it' if count == 1 else 'them'} customers pay {wording.percent(counted)} of list."
    )


def returns(count: int) -> str:
    """Negative amounts."""
    return (
        f"{wording.count(count, 'deal')} with an amount below zero (returns) "
        f"{'is' if count == 1 else 'are'} left out: a return is no discount."
    )


def above_list(count: int, won: int, share: float) -> str:
    """Deals sold for more than list."""
    text = (
        f"{wording.count(count, 'deal')} of {won:,} {'was' if count == 1 else 'were'} sold above list, "
        f"by {wording.percent(share)} of all list money: that counts as a negative discount, as it is."
    )
    if count > won / 4:
        text += (
            " With so many of them, the list amount is a guide price rather than a ceiling, and what "
            "is called a discount here is the distance to that guide."
        )
    return text


def short_year(months: int) -> str:
    """Less than a year of deals."""
    return (
        f"Deals of {wording.count(months, 'month')} only: a year's money is that of these months, "
        "scaled up."
    )


def running_month(month: pd.Timestamp) -> str:
    """A month that is not over."""
    return f"{month:%B %Y} does not look over in these deals and is left out: name last_month to count it."


def kept_since(day: pd.Timestamp, months: int) -> str:
    """List amounts that were not kept from the beginning."""
    return (
        f"No list amounts are known of deals closed before {day:%B %Y}: a year's money is that of "
        f"{wording.count(months, 'month')} since, scaled up."
    )


def no_model(why: str) -> str:
    """Where reps cannot be compared."""
    return f"Reps and kinds of deal cannot be told apart: {why}."


def no_kinds() -> str:
    """Neither product nor segment."""
    return (
        "Neither product nor segment is known, so the same deal means a deal of the same size only: "
        "a rep who sells what is always discounted looks generous."
    )


def specialists(kinds: tuple[str, ...]) -> str:
    """Reps who sell one kind of deal only."""
    kind = wording.listed(kinds, "or")
    return (
        f"Some reps sell one {kind} and no other, or next to none, so whether they or what they sell is "
        f"discounted more cannot be told: what the reps of one {kind} give on average is taken for that "
        f"{kind}'s, and each rep is compared with the others who sell it. The average rep is meant so."
    )


def offers_unknown() -> str:
    """Lost deals without amount or list."""
    return (
        "What was offered to customers who did not buy is not known: lost deals have no amount and "
        "list amount of their own."
    )


def few_offers(lost: int) -> str:
    """The count of approvals is too low."""
    if lost:
        return (
            f"Of the offers that were lost only {lost} {'is' if lost == 1 else 'are'} known, so approvals "
            "are counted on won deals and those: there would be more of them."
        )
    return (
        "Offers that were lost are not known, so approvals are counted on won deals only: there would "
        "be more of them."
    )


def offers_without_list(unknown: int, lost: int) -> str:
    """The count of approvals is too low though many lost offers are known."""
    return (
        f"{wording.count(unknown, 'lost deal')} {'has' if unknown == 1 else 'have'} no list amount above zero "
        f"or no amount, beside {lost:,} that have both: approvals are counted without what was offered "
        "there, and there would be more of them."
    )


def backwards(count: int) -> str:
    """Deals closed before they were quoted."""
    return (
        f"{wording.count(count, 'deal')} closed before the day of {'its' if count == 1 else 'their'} "
        "quote: no waiting time is known, and they are left out."
    )
