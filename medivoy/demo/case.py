"""One case of the demo world on its way: who, where, and what time it is for its people."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from apps.accounts.models import User
from apps.billing.services.journey import move_booking
from apps.bookings.models import Booking
from apps.clinical.models import Patient
from apps.hospitals.models import Hospital
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.demo.catalogue import Catalogue


@dataclass
class Case:
    """A booking and the moment at which its people live; every step lets time pass and calls one service."""

    patient: Patient
    hospital: Hospital
    catalogue: Catalogue
    now: datetime
    # Days from the request to the wished admission.
    ahead: int
    # Makes each case a little different from the one before, and the same in every world.
    turn: int
    booking: Booking = field(init=False)

    @property
    def patient_user(self) -> User:
        return self.patient.user

    @property
    def house(self) -> User:
        """The hospital's administrator; every house of the demo world has one."""
        return cast(User, self.hospital.admin_user)

    @property
    def coordinator(self) -> User:
        """Whoever looks after the case; in the demo world somebody always does."""
        return cast(User, self.booking.coordinator)

    def wait(self, **span: float) -> None:
        """Let time pass; never beyond the real present."""
        self.now = min(self.now + timedelta(**span), clock.now())

    def day_in(self, days: float) -> date:
        """Return the calendar date of so many days from now."""
        return (self.now + timedelta(days=days)).date()

    def act(self, actor: User | None, what: Callable[[], Any]) -> Any:
        """Do something in the name of `actor` (None: the clock's) at the case's present, in a transaction."""
        with clock.at(self.now), writing(actor):
            return what()

    def move(self, to: str, actor: User, **given: Any) -> None:
        self.booking = self.act(actor, lambda: move_booking(self.booking, to=to, actor=actor, **given))

    def reread(self) -> None:
        """Read what others wrote on the booking."""
        self.booking = Booking.objects.for_list().get(pk=self.booking.pk)


Step = Callable[[Case], None]
