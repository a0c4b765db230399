"""What a press of OK says, which depends on where the visit stands: (event, deadline it answers, value, refused).

`refused`: the wearer may not go in, and feels so. Nothing here knows whether the press was under duress.
"""

from watchword_core import gestures
from watchword_core import visit as v
from watchword_core import words as w

from . import answers


def of(gesture, standing):
    """What this gesture of OK, an ordinary one, means here."""
    view = standing.view()
    if not answers.visit_open(view):
        return w.CHECKED_IN, 0, 0, not answers.alarm_open(standing.alarm)
    if gesture == gestures.EXTEND:
        return w.EXTENDED, 0, standing.extended_end_ms(), False
    if view.state == v.PLANNED:
        return w.ARRIVED, 0, 0, standing.case is None or standing.case.refusal() is not None
    if gesture == gestures.OK_HELD:
        return w.DEPARTED, 0, 0, False
    return w.CHECKED_IN, _about(standing), 0, view.state == v.AT_DOOR


def well(standing):
    """What any of them means while the pendant asks whether its wearer has fallen: I am well, and nothing else."""
    return w.CHECKED_IN, _about(standing), 0, False


def _about(standing):
    return 0 if standing.case is None else answers.answerable(standing.case)
