"""The ways by which frames travel: a phone over BLE, and the second path where the pendant has one.

Every frame goes by each way that is open, BLE first. The hub counts a frame once, whoever carried it.
"""

# A press that the hub has not acknowledged for so long goes by the second path too. Every press, not alarms alone: else
# that a network is joined would tell a duress gesture from the OK that it looks like.
SECOND_PATH_AFTER_MS = 4_000
PROVED_MS = 15_000  # BLE brings what the hub says now: three heartbeats of an alarm
TWIN_MS = 5_000  # the hub's answer goes by every way, so a second copy this soon is as good as the first
MAX_TWINS = 4

RADIO = 0
SECOND = 1


def _nobody(frame):
    """Stands for a second path until there is one."""


class Carriers:
    """Between the performer and its ways. `attach` before frames flow; `add` the second path later, if there is one."""

    def __init__(self, radio):
        self.radio_proved_ms = None  # when BLE last brought something genuine and new; None: not lately
        self._radio = radio
        self._send_second = _nobody
        self._up = [False, False]
        self._twins = []  # (frame, the way it came, when): new to the pendant, and to come by the other way

    def attach(self, performer):
        """Takes the news of each way to the performer."""
        self._performer = performer
        self._radio.attach(self._radio_linked, self._radio_received, performer.patience_ms, performer.alarm_open)

    def add(self, second):
        """The second path: after `attach`, and at any time."""
        self._send_second = second.send
        second.attach(self.second_wanted, self._second_linked, self._second_received, self._performer.patience_ms)

    def send(self, frame):
        """By each way that is open."""
        self._radio.send(frame)
        if self._up[SECOND]:
            self._send_second(frame)

    def second_wanted(self, now_ms):
        """While a press waits too long, and while an alarm is open and BLE brings nothing of it."""
        oldest_ms = self._performer.waiting_since_ms()
        if oldest_ms is not None and now_ms - oldest_ms >= SECOND_PATH_AFTER_MS:
            return True
        proved_ms = self.radio_proved_ms
        if proved_ms is not None and now_ms - proved_ms < PROVED_MS:
            return False
        return self._performer.alarm_open()

    # -- what each way tells

    def _radio_linked(self, up, missed):
        self._linked(RADIO, up, missed)

    def _second_linked(self, up):
        if up:
            self.radio_proved_ms = None  # from now on BLE has to prove anew before the second path is left for it
        self._linked(SECOND, up, False)

    def _radio_received(self, frame, now_ms):
        proved = self._received(RADIO, frame, now_ms)
        if proved:
            self.radio_proved_ms = now_ms
        return proved

    def _second_received(self, frame, now_ms):
        return self._received(SECOND, frame, now_ms)

    def _linked(self, way, up, missed):
        was_linked = self._up[RADIO] or self._up[SECOND]
        self._up[way] = up
        if up:
            self._performer.linked(True, False)
        elif was_linked and not (self._up[RADIO] or self._up[SECOND]):
            self._performer.linked(False, missed)

    def _received(self, way, frame, now_ms):
        """Whether this way is alive: it brought what is genuine and new, or what was new by the other way just now."""
        if self._performer.received(frame, now_ms):
            if self._up[RADIO] and self._up[SECOND]:
                self._twins = self._twins[1 - MAX_TWINS :] + [(frame, way, now_ms)]
            return True
        for i, (twin, came_by, at_ms) in enumerate(self._twins):
            if twin == frame and came_by != way and now_ms - at_ms <= TWIN_MS:
                self._twins.pop(i)
                return True
        return False
