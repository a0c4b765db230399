"""Roles by name and number, and who stands behind whom when somebody can't be told."""

from watchword_core import words as w

from ..procedures import ROLES

# "next" is a word of procedure files only: nobody holds it.
ROLE_OF_NAME = {name: code for name, code in ROLES.items() if code != w.NEXT}
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
