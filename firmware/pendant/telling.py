"""What the logic asks of its shell, in order. What the ladder asks, light and memory are told only when they change."""

from watchword_core import words as w

from . import answers, felt
from .effects import Feel, Light, Remember


class Telling:
    """Effects gather here until they are `taken`."""

    def __init__(self):
        self._asked = []
        self._signalled = answers.Signalled()
        self._light = felt.LIGHT_IDLE
        self._remembered = None

    def do(self, effect):
        self._asked.append(effect)

    def feel(self, pattern, of=None):
        """`of`: the event that it answers; after each answer to a practice it is said that it was one."""
        self.do(Feel(pattern))
        if of == w.PRACTICE_SOS:
            self.do(Feel(felt.PRACTICE))

    def felt_before(self, case):
        """What the ladder of this case asks now was felt in an earlier boot."""
        self._signalled.new(case)

    def changed(self, before, standing):
        """Has felt what is different from `before`, a view, and what the ladder asks anew."""
        for pattern in answers.changed(before, standing.view()):
            self.feel(pattern)
        if standing.case is not None:
            for pattern in self._signalled.new(standing.case):
                self.feel(pattern)

    def show(self, light):
        """What the LED says between patterns, felt.LIGHT_*."""
        if light != self._light:
            self._light = light
            self.do(Light(light))

    def remember(self, stored):
        """Bytes for a later boot."""
        if stored != self._remembered:
            self._remembered = stored
            self.do(Remember(stored))

    def taken(self):
        """All that was asked since the last time."""
        asked, self._asked = self._asked, []
        return asked
