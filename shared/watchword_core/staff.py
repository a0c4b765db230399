"""Who stands for whom: the layers of staff, who holds a role that nobody was named for, and who is not relied on."""

from .table import MANAGER_TRACKS
from .words import (
    MANAGER,
    PLAN_CONTACT,
    PLAN_CONTACTS,
    PLAN_NO_SENIOR,
    PLAN_NO_TRACKER,
    PLAN_OUT_OF_HOURS,
    SENIOR,
    TRACKER,
)

STAFF = (TRACKER, MANAGER, SENIOR)  # each followed by the next layer


class Staff:
    """The people of one plan, by role."""

    def __init__(self, table, plan):
        self.table = table
        self.plan = plan
        self.silent = 0  # bit 1 << role: let a task lapse, and was not heard since

    def holder(self, role):
        """Who does a role's work when nobody else holds it."""
        plan = self.plan
        if role == TRACKER and (
            plan & PLAN_NO_TRACKER or (plan & PLAN_OUT_OF_HOURS and self.table.flags & MANAGER_TRACKS)
        ):
            return MANAGER
        return MANAGER if role == SENIOR and plan & PLAN_NO_SENIOR else role

    def cover(self, role):
        """Who gets what is meant for `role`: its holder; above whoever is silent the next layer; at last everybody."""
        role = self.holder(role)
        held = [role]
        while role in STAFF and self.silent >> role & 1:
            role = self.holder(role + 1) if role != SENIOR else SENIOR
            if role in held:
                return held + [r for r in (self.holder(TRACKER), MANAGER) if r not in held]
            held.append(role)
        return held

    def reports_on(self, role, by):
        """Whether `by` holds what is meant for `role`, or stands above who does: they may have got it too."""
        return by in self.cover(role) or self.holder(role) < by <= SENIOR

    def heard(self, role):
        """Somebody has reported: they are relied on again."""
        self.silent &= ~(1 << role)

    def contacts(self):
        """How many emergency contacts the plan names."""
        return (self.plan & PLAN_CONTACTS) // PLAN_CONTACT
