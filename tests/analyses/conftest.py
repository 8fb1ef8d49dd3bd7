"""Results that several test modules ask questions of; they are not changed, so once is enough."""

from __future__ import annotations

import pytest

from salesops_lib.analyses.deal_desk import DealDesk, deal_desk
from salesops_lib.analyses.ramp_time_cost import RampTime, ramp_time
from salesops_lib.analyses.selling_time import SellingTime, selling_time
from tests.analyses.desk_frames import company as discounting
from tests.analyses.hours_frames import KINDS, company
from tests.analyses.ramp_frames import noisy, smooth


@pytest.fixture(scope="session")
def desk() -> DealDesk:
    """Deal desk of twelve reps over a year."""
    return deal_desk(discounting())


@pytest.fixture(scope="session")
def exact() -> RampTime:
    """Ramp-time of reps without noise, 90% reached in month 4."""
    return ramp_time(smooth(), value="bookings")


@pytest.fixture(scope="session")
def ramp() -> RampTime:
    """Ramp-time of reps as noisy as real ones."""
    return ramp_time(noisy(2), value="bookings")


@pytest.fixture(scope="session")
def times() -> SellingTime:
    """Selling time of sixteen reps over eight months."""
    data, activities = company()
    return selling_time(data, activities=activities, kinds=KINDS)
