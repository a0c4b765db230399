"""The accelerometer's task: when it measures, what it finds, and that no failure of the part stops anything."""

import asyncio
from array import array

import board_asyncio  # noqa: F401
from pendant import motion, stillness
from pendant.log import Log

RATE_HZ = 50
LEVELS = 32
REST = [0, 1000, 0]
LYING = [0, 0, 1000]


class Over(Exception):
    pass


class Quiet(Log):
    def __init__(self):
        self.lines = []

    def say(self, *words):
        self.lines.append(words)


class Sensor:
    """As Lis2dw12: each reading brings the next of `batches`, a list of samples or an error; then the test ends."""

    RESET_MS = 1

    def __init__(self, batches, resets=()):
        self.samples = array("h", bytes(2 * 3 * LEVELS))
        self.did = []
        self._batches = list(batches)
        self._resets = list(resets)

    def reset(self):
        self.did.append("reset")
        failure = self._resets.pop(0) if self._resets else None
        if failure is not None:
            raise failure

    def start(self):
        self.did.append("start")

    def read(self):
        if not self._batches:
            raise Over()
        brought = self._batches.pop(0)
        if isinstance(brought, OSError):
            raise brought
        for i in range(len(brought)):
            self.samples[i] = brought[i]
        return len(brought) // 3


class Ran:
    """What became of a sensor: what its wearer was told of it, and rounds that the watchdog saw."""

    def __init__(self, sensor, wanted=None):
        self.falls = self.still = self.rounds = 0
        self.told, self.worn_told = [], []
        self.sees_falls, self.worn = self.told.append, self.worn_told.append
        self.falls_wanted = wanted or self._always
        self.log = Quiet()
        self.motion = motion.Motion(sensor, RATE_HZ, self.log, self)
        pauses = motion.BATCH_MS, motion.IDLE_MS, motion.AGAIN_MS
        motion.BATCH_MS, motion.IDLE_MS, motion.AGAIN_MS = 1, 1, 3
        try:
            asyncio.run(self.motion.run(self._progress))
        except Over:
            pass
        finally:
            motion.BATCH_MS, motion.IDLE_MS, motion.AGAIN_MS = pauses

    def _always(self):
        return True

    def fell(self, still):
        self.still += still
        self.falls += not still

    def _progress(self):
        self.rounds += 1


def batches(seconds, sample):
    return [sample * 10 for _ in range(int(5 * seconds))]


def a_fall():
    walk = [[0, 900, 0, 0, 1250, 100] * 5 for _ in range(30)]
    blow = [[0, 300, 0] * 15, [1500, 3500, 2500] * 5, [0, 600, 1200] * 10]
    return walk + blow + batches(4, LYING)


def test_a_fall_in_pieces_is_told_once():
    assert Ran(Sensor(a_fall())).falls == 1
    assert Ran(Sensor(batches(10, REST))).falls == 0


def test_it_is_off_until_it_is_wanted_and_off_again_after():
    answers = [False, False, True, True, True, False, False, False]
    sensor = Sensor([REST * 10] * 2)

    def wanted():
        if not answers:
            raise Over()
        return answers.pop(0)

    ran = Ran(sensor, wanted)
    assert sensor.did == ["reset", "start", "reset"] and ran.falls == 0


def test_what_came_before_it_was_off_is_no_part_of_a_fall():
    blow_ends = 33
    answers = [True] * (1 + blow_ends) + [False]
    sensor = Sensor(a_fall())
    assert Ran(sensor, lambda: answers.pop(0) if answers else True).falls == 0
    assert sensor.did == ["reset", "start", "reset", "start"]


def test_a_part_that_is_missing_is_counted_told_once_and_tried_again():
    ran = Ran(Sensor(a_fall(), [OSError(19), OSError(19), None]))
    assert ran.told == [False, True] and ran.motion.failures == 2 and len(ran.log.lines) == 1
    assert ran.falls == 1
    assert ran.rounds > 6, "the watchdog saw progress meanwhile"


def test_a_bus_that_fails_in_mid_visit_is_counted_and_the_part_started_again():
    brought = batches(1, REST)
    brought.append(OSError(5))
    sensor = Sensor(brought + a_fall())
    ran = Ran(sensor)
    assert sensor.did == ["reset", "start", "reset", "start"]
    assert ran.motion.failures == 1 and ran.falls == 1 and ran.told == [True, False, True]


def test_a_part_that_measures_nothing_is_started_again():
    for nothing in ([], [0, 0, 0] * 20):
        sensor = Sensor([nothing] * motion.DEAD_BATCHES + a_fall())
        ran = Ran(sensor)
        assert sensor.did == ["reset", "start", "reset", "start"], nothing
        assert ran.motion.failures == 1 and ran.falls == 1


def test_a_part_that_is_stuck_at_one_reading_is_started_again_and_works_when_it_measures_again():
    sensor = Sensor([REST * 10] * (motion.STUCK_BATCHES + 3) + a_fall())
    ran = Ran(sensor)
    assert ran.motion.failures == 3, "what it says again after a restart is no sign of life"
    assert ran.told == [True, False, True] and ran.falls == 1 and len(ran.log.lines) == 1
    almost = [REST * 10] * motion.STUCK_BATCHES + [LYING * 10]
    assert Ran(Sensor(almost)).motion.failures == 0


def test_a_moment_without_a_sample_is_no_failure():
    sensor = Sensor(([[]] * (motion.DEAD_BATCHES - 1) + batches(1, REST)) * 3)
    assert Ran(sensor).motion.failures == 0


def spells(count, one):
    """So many spells of stillness, each as `one(slot)` says."""
    return [one(slot) * 10 for slot in range(count * stillness.SPELL_SLOTS)]


def breathing(slot):
    return [0, 0, 1000 + abs(slot % 20 - 10)]


def laid_down(slot):
    return [slot % 2, 0, 1000]  # the part's own noise


def walking(slot):
    return [slot % 2 * 300, 1000, 0]


def test_lying_and_breathing_from_the_very_start_is_told_as_lying_still():
    ran = Ran(Sensor(spells(stillness.DOWN_SPELLS, breathing)))
    assert (ran.still, ran.falls, ran.worn_told) == (1, 0, [None])


def test_laid_down_is_told_as_not_worn_and_worn_again_when_it_is_carried():
    brought = spells(stillness.REST_SPELLS, laid_down) + spells(1, walking)
    ran = Ran(Sensor(brought))
    assert (ran.still, ran.falls, ran.worn_told) == (0, 0, [None, False, True])


def test_off_or_failing_it_does_not_know_whether_it_is_worn():
    brought = spells(stillness.REST_SPELLS, laid_down)
    brought.append(OSError(5))
    ran = Ran(Sensor(brought + spells(stillness.REST_SPELLS - 1, laid_down)))
    assert ran.worn_told == [None, False, None]
