"""What a reader must know about the hours and the response before trusting a number."""

from __future__ import annotations

from salesops_lib import wording

# Hours that a week has.
WEEK = 168


def some(names: list[str]) -> str:
    """The first few of many names."""
    return wording.listed(names[:5]) + (" and more" if len(names) > 5 else "")


def unknown_kinds(names: list[str], share: float) -> str:
    """Activities that nothing is known of."""
    return (
        f"Nothing says whether {some(names)} is selling or whose work it is: "
        f"{wording.percent(share)} of all hours count as not selling."
    )


def months_left_out(rows: int, total: int, why: str) -> str:
    """Rep-months that cannot enter the response."""
    return (
        f"{wording.count(rows, 'rep-month')} of {total:,} {'is' if rows == 1 else 'are'} left out of "
        f"the response of bookings to hours: {why}."
    )


# What follows from bookings at the quarter's end.
QUARTERS = "how they answer to selling hours is read from quarters, and not from months."


def no_response(why: str) -> str:
    """Where the data say nothing of the response."""
    return (
        f"The data say nothing of how bookings answer to selling hours ({why}): that part is "
        "published experience alone."
    )


def error_taken_as_none() -> str:
    """Without weeks the error of the hours cannot be seen."""
    return (
        "Hours by week are not there, so how far reported hours are off cannot be judged: they are "
        "taken as right, and an elasticity from them is too small if they are not."
    )


def error_from_weeks(largest: float, reliability: float) -> str:
    """How far the reported hours may be off."""
    return (
        "How far reported hours are off is not known. Between none of the week-to-week swings of a "
        "rep and all of them may be error, and both ends are in the interval: a month's hours would "
        f"be off by up to {wording.percent(largest)}, and {wording.percent(reliability)} of the "
        "differences between a rep's months would be real."
    )


def error_swamps(largest: float) -> str:
    """The weeks swing more than the months differ."""
    return (
        "A rep's weeks swing so much that all the differences between months could be error in the "
        f"reported hours (up to {wording.percent(largest)} a month); only errors that leave a fifth "
        "of the differences real are allowed for."
    )


def movable_capped(asked: float, there: float) -> str:
    """Fewer hours can be moved than the assumption says."""
    return (
        f"The assumption is that {wording.number(asked)} hours a week can be taken off each rep; only "
        f"{wording.number(there)} are not selling and somebody else's work, so those are counted."
    )


def no_week(hours: float) -> str:
    """More hours than there are."""
    return (
        f"Reps are down for {wording.number(hours)} hours a week, and a week has {WEEK}: these are minutes, or "
        "of several weeks. Shares of time, and how bookings answer to a share more of selling, stand; nothing "
        "that is counted in hours does."
    )


def bookings_not_there() -> str:
    """Nothing booked."""
    return "Nothing was booked in these months, so hours cannot be put into money."
