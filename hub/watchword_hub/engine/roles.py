"""Roles by name and number, and who stands behind whom when somebody can't be told."""

from watchword_core import words as w

ROLE_OF_NAME = {
    "worker": w.WORKER,
    "tracker": w.TRACKER,
    "manager": w.MANAGER,
    "senior": w.SENIOR,
    "emergency_contact": w.EMERGENCY_CONTACT,
    "team": w.TEAM,
    "client": w.CLIENT,
    "partner_agencies": w.PARTNER_AGENCIES,
    "emergency_services": w.EMERGENCY_SERVICES,
    "hub": w.HUB,
    "pendant": w.PENDANT,
}
NAME_OF_ROLE = {code: name for name, code in ROLE_OF_NAME.items()}

STAFF = (w.TRACKER, w.MANAGER, w.SENIOR)

# Told instead, in this order, when a role has no person or nothing reaches them.
BEHIND = {
    w.WORKER: (),
    w.TRACKER: (w.MANAGER, w.SENIOR),
    w.MANAGER: (w.SENIOR, w.TRACKER),
    w.SENIOR: (w.MANAGER, w.TRACKER),
    w.EMERGENCY_CONTACT: STAFF,
}
