"""A fall, from the accelerometer alone: an impact, another posture after it, and stillness.

Samples are folded into slots of SLOT_MS, and a ring of slots is all that is remembered. DECIDE_SLOTS after a slot with
an impact, what came before and after it is measured, and each measure gives points (`fall_points`); a sum of at least
ALARM_POINTS is a fall. The points were fitted on acted falls: docs/man-down.md says how, how well, and what that can't
tell. Integers only: milli-g, and milli-g squared, which stays below 2^30.
"""

from array import array

from .fall_points import ALARM_POINTS, EDGES, POINTS

SLOT_MS = 200
RATES_HZ = (25, 50)
FULL_SCALE_MG = 8000  # what the part is set to; a trace of a wider one is cut to it
IMPACT_MG = 1500  # an impact is at least this, and the greatest within ALONE_SLOTS
ALONE_SLOTS = 5
DECIDE_SLOTS = 15  # so long after the impact's slot begins is it decided: 3 s, the stillness included

# Slots around the impact's: from, up to and without.
_FAR = (-25, -13)  # the posture before, and a little earlier: people turn before they fall
_NEAR = (-13, -3)
_AFTER = (7, 15)
_SETTLING = (4, 9)
_BLOW = (-3, 4)
_SWING = (-2, 3)
_BEFORE = (-15, -5)
_STILL = (10, 15)

_RING = DECIDE_SLOTS - _FAR[0]  # slots
_GRAVITY_2 = 1_000_000
_LOW, _HIGH = -32768, 32767
_MOST_KEPT = 65535  # of a way or a blow; far beyond every edge of fall_points

# Of the slot under way, three numbers each.
_LAST, _SUM, _LEAST, _MOST = 0, 3, 6, 9


class Detector:
    """Feed it samples at `rate_hz`; constant memory. `slots` counts those that are whole.

    `impact` and `points` are of the newest fall: its impact's sample, counted from the first. `stillness` is told of
    each slot, if given.
    """

    def __init__(self, rate_hz, stillness=None):
        if rate_hz not in RATES_HZ:
            raise ValueError("fall detector: rate %d Hz, it knows %s" % (rate_hz, RATES_HZ))
        self._slot_samples = rate_hz * SLOT_MS // 1000
        self._stillness = stillness
        self.impact = self.points = 0
        # A slot: mean x, y, z, range of x, y, z (mg); way of the acceleration's tip (mg), blow (mg²/1024 off gravity),
        # greatest mg², and which of its samples had it.
        self._means = array("h", bytes(2 * 3 * _RING))
        self._spans = array("h", bytes(2 * 6 * _RING))
        self._ways = array("H", bytes(2 * _RING))
        self._blows = array("H", bytes(2 * _RING))
        self._peaks = array("i", bytes(4 * _RING))
        self._peak_samples = bytearray(_RING)
        self._measures = array("i", bytes(4 * len(EDGES)))
        self._slot = array("i", bytes(4 * 12))
        self.forget()

    def forget(self):
        """Begins again: what comes now does not follow on what came before."""
        self.slots = 0
        self.samples = 0
        for axis in range(3):
            self._slot[_LAST + axis] = 0
        self._begin_slot()
        if self._stillness is not None:
            self._stillness.forget()

    def feed(self, samples, count):
        """Takes `count` samples, x, y, z in mg each, from `samples`; whether there was a fall."""
        fall, at = False, 0
        while at < count:
            part = min(count - at, self._slot_samples - self._in_slot)
            self._fold(samples, 3 * at, 3 * (at + part))
            at += part
            self.samples += part
            self._in_slot += part
            if self._in_slot == self._slot_samples:
                self._end_slot()
                fall |= self._decide()
        return fall

    # -- slots

    def _begin_slot(self):
        self._in_slot = self._peak = self._peak_sample = self._way = self._blow = 0
        for axis in range(3):
            self._slot[_SUM + axis] = 0
            self._slot[_LEAST + axis] = _HIGH
            self._slot[_MOST + axis] = _LOW

    def _fold(self, samples, start, stop):
        """The pendant's hottest loop: local names, and nothing is made in it or around it."""
        slot = self._slot
        px, py, pz = slot[_LAST], slot[_LAST + 1], slot[_LAST + 2]
        sx, sy, sz = slot[_SUM], slot[_SUM + 1], slot[_SUM + 2]
        lx, ly, lz = slot[_LEAST], slot[_LEAST + 1], slot[_LEAST + 2]
        mx, my, mz = slot[_MOST], slot[_MOST + 1], slot[_MOST + 2]
        way, blow, peak = self._way, self._blow, self._peak
        for i in range(start, stop, 3):
            x, y, z = samples[i], samples[i + 1], samples[i + 2]
            square = x * x + y * y + z * z
            if square > FULL_SCALE_MG * FULL_SCALE_MG:
                x, y, z = _cut(x), _cut(y), _cut(z)
                square = x * x + y * y + z * z
            if square > peak:
                peak = square
                self._peak_sample = self._in_slot + (i - start) // 3
            way += abs(x - px) + abs(y - py) + abs(z - pz)
            blow += abs(square - _GRAVITY_2) >> 10
            sx += x
            sy += y
            sz += z
            lx, ly, lz = min(lx, x), min(ly, y), min(lz, z)
            mx, my, mz = max(mx, x), max(my, y), max(mz, z)
            px, py, pz = x, y, z
        slot[_LAST], slot[_LAST + 1], slot[_LAST + 2] = px, py, pz
        slot[_SUM], slot[_SUM + 1], slot[_SUM + 2] = sx, sy, sz
        slot[_LEAST], slot[_LEAST + 1], slot[_LEAST + 2] = lx, ly, lz
        slot[_MOST], slot[_MOST + 1], slot[_MOST + 2] = mx, my, mz
        self._way, self._blow, self._peak = way, blow, peak

    def _end_slot(self):
        at = self.slots % _RING
        for axis in range(3):
            self._means[3 * at + axis] = self._slot[_SUM + axis] // self._slot_samples
            self._spans[6 * at + axis] = self._slot[_LEAST + axis]
            self._spans[6 * at + 3 + axis] = self._slot[_MOST + axis]
        self._ways[at] = min(self._way, _MOST_KEPT) if self.slots else 0
        self._blows[at] = min(self._blow // self._slot_samples, _MOST_KEPT)
        self._peaks[at] = self._peak
        self._peak_samples[at] = self._peak_sample
        self.slots += 1
        if self._stillness is not None:
            self._stillness.slot(self._means, 3 * at)
        self._begin_slot()

    # -- the decision

    def _decide(self):
        slot = self.slots - DECIDE_SLOTS
        if slot < 0 or not self._is_impact(slot):
            return False
        points = self._points(slot)
        if points < ALARM_POINTS:
            return False
        self.impact, self.points = slot * self._slot_samples + self._peak_samples[slot % _RING], points
        return True

    def _is_impact(self, slot):
        peak = self._peaks[slot % _RING]
        if peak < IMPACT_MG * IMPACT_MG:
            return False
        for other in range(max(0, slot - ALONE_SLOTS), slot + ALONE_SLOTS + 1):
            there = self._peaks[other % _RING]
            if there > peak or (there == peak and other < slot):
                return False
        return True

    def _points(self, slot):
        self._measure(slot)
        points = 0
        for kind in range(len(EDGES)):
            measured, step = self._measures[kind], 0
            for edge in EDGES[kind]:
                step += measured >= edge
            points += POINTS[kind][step]
        return points

    def _measure(self, slot):
        """What `fall_points` gives points for, in its order."""
        near, far, after = self._posture(slot, _NEAR), self._posture(slot, _FAR), self._posture(slot, _AFTER)
        turns = _turn(near, after), _turn(far, after)
        self._measures[0] = min(turns)
        self._measures[1] = max(turns)
        self._measures[2] = self._mean(self._blows, slot, _BLOW)
        self._measures[3] = self._mean(self._ways, slot, _BEFORE)
        self._measures[4] = self._mean(self._ways, slot, _STILL)
        self._measures[5] = self._swing(slot)
        self._measures[6] = _turn(self._posture(slot, _SETTLING), after)

    def _mean(self, ring, slot, window):
        slots = _slots(slot, window)
        return sum(ring[each % _RING] for each in slots) // len(slots)

    def _posture(self, slot, window):
        slots = _slots(slot, window)
        x = y = z = 0
        for each in slots:
            at = 3 * (each % _RING)
            x, y, z = x + self._means[at], y + self._means[at + 1], z + self._means[at + 2]
        return x // len(slots), y // len(slots), z // len(slots)

    def _swing(self, slot):
        swing = 0
        for axis in range(3):
            slots = _slots(slot, _SWING)
            most = max(self._spans[6 * (each % _RING) + 3 + axis] for each in slots)
            swing += most - min(self._spans[6 * (each % _RING) + axis] for each in slots)
        return swing


def _slots(slot, window):
    """The window's slots since the start; one at least."""
    first = max(0, slot + window[0])
    return range(first, max(first + 1, slot + window[1]))


def _turn(u, v):
    """1000 (1 - cos) of the angle between two directions: 0 the same, 1000 at a right angle, 2000 opposite."""
    dot = u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
    return 1000 - dot // (_length(u) * _length(v) // 1000 + 1)


def _length(u):
    """Integer square root, by Newton's method from above."""
    square = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
    root = 1 << 14
    while root * root > square:
        root = (root + square // root) // 2
    return root


def _cut(mg):
    return max(-FULL_SCALE_MG, min(FULL_SCALE_MG, mg))
