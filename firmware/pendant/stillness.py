"""How still the pendant is kept: by a body that doesn't move, or by none at all. Beside `fall`, from the same slots.

Slots make spells of SPELL_SLOTS. Of a spell counts how far the acceleration wandered in it: the widest of the three
axes, between slots' means, which knows nothing of noise. Whoever is awake shifts now and then. Whoever is not still
breathes, and that tilts what she wears. A table does neither. docs/man-down.md says where the limits come from.

Integers only, three numbers of memory an axis, and a handful of comparisons a slot.
"""

from array import array

SPELL_SLOTS = 50  # 10 s: even six breaths a minute wander all of their way in it
MOVED_MG = 60  # farther: she shifted, reached, walked
REST_MG = 6  # no farther: stiller than any body that breathes
UP = 1  # the axis along the lanyard: both boards mount the part so
LIES_MG = 400  # of gravity along it, at most: 66° and more from upright

DOWN_SPELLS = 9  # lying and moving no more
STILL_SPELLS = 60  # the same in any posture
REST_SPELLS = 6  # so many at rest on end: nobody wears it
CALL_SPELLS = 30  # at rest for so much longer: it is said again

# What a slot brings to light.
NOTHING = 0
LIES_STILL = 1  # a body does not move: ask her
NOT_WORN = 2
WORN = 3


class Stillness:
    """Tell it each slot's mean. `worn`: None until it is known."""

    def __init__(self):
        self._least = array("h", bytes(6))
        self._most = array("h", bytes(6))
        self._news = NOTHING
        self.forget()

    def forget(self):
        """Begins again: what comes now does not follow on what came before."""
        self.worn = None
        self._slots = 0
        self._resting = 0  # spells at rest on end
        self._count_again()

    def slot(self, means, at):
        """The mean in mg is at `means[at]` and the two after."""
        for axis in range(3):
            mean = means[at + axis]
            if not self._slots or mean < self._least[axis]:
                self._least[axis] = mean
            if not self._slots or mean > self._most[axis]:
                self._most[axis] = mean
        self._slots += 1
        if self._slots == SPELL_SLOTS:
            self._slots = 0
            self._end_spell()

    def taken(self):
        """The news since the last time: NOTHING, LIES_STILL, NOT_WORN or WORN. A spell brings one at most."""
        news, self._news = self._news, NOTHING
        return news

    def _count_again(self):
        self._still = self._down = self._rests = 0  # spells without a move; lying on end; at rest among them

    def _end_spell(self):
        wandered = 0
        for axis in range(3):
            wandered = max(wandered, self._most[axis] - self._least[axis])
        if wandered > MOVED_MG:
            self._count_again()
            self._resting = 0
            if not self.worn:
                self.worn = True
                self._news = WORN
            return
        self._still += 1
        self._down = self._down + 1 if abs(self._most[UP] + self._least[UP]) <= 2 * LIES_MG else 0
        if wandered > REST_MG:
            self._resting = 0
        else:
            self._rests += 1
            self._resting += 1
        self._judge()

    def _judge(self):
        """By most of the spells it is a body that keeps still, or else a thing."""
        long = self._down >= DOWN_SPELLS or self._still >= STILL_SPELLS
        if long and self.worn is not False and 2 * self._rests < self._still:
            self._count_again()  # asked again only after as long
            self._news = LIES_STILL
        elif self._resting >= REST_SPELLS and (self._resting - REST_SPELLS) % CALL_SPELLS == 0:
            self.worn = False
            self._news = NOT_WORN
