"""Buttons, battery and watchdog, with a clock that the test sets and pins that it pulls."""

import board_asyncio  # noqa: F401
from pendant import felt
from pendant.buttons import MAX_EDGES, Buttons
from pendant.effects import Feel
from pendant.feel import OF_ANOTHER_ALARM
from pendant.flash import DISCREET, DISCREET_FILE
from pendant.performer import Performer
from pendant.power import percent
from pendant.watchdog import STUCK_MS, Watchdog
from watchword_core import gestures


class Clock:
    def __init__(self):
        self.ms = 0

    def now_ms(self):
        return self.ms

    def at(self, stamped):
        return stamped


class Pin:
    """Active low; `pull` changes it, and `missed` without its handler being called."""

    def __init__(self):
        self.level = 1
        self.handler = None

    def value(self):
        return self.level

    def irq(self, handler, edges):
        self.handler = handler


def three_buttons():
    """(pins by button, Buttons, Clock, the gestures that it told)."""
    pins = {gestures.SOS_BUTTON: Pin(), gestures.OK_BUTTON: Pin(), gestures.LANYARD: Pin()}
    clock, told = Clock(), []
    return pins, Buttons(pins, 3, clock, lambda gesture, now_ms: told.append(gesture)), clock, told


def test_an_edge_that_the_interrupt_missed_is_seen_by_looking():
    pins, buttons, clock, told = three_buttons()
    pins[gestures.LANYARD].level = 0
    buttons._look()
    assert told == [gestures.SOS]
    pins[gestures.SOS_BUTTON].level = 0
    buttons._look()
    clock.ms = gestures.SOS_HOLD_MS
    buttons._look()
    assert told == [gestures.SOS, gestures.SOS_STARTED, gestures.SOS]


def test_sos_is_heard_through_a_bouncing_contact():
    pins, buttons, clock, told = three_buttons()
    pins[gestures.SOS_BUTTON].level = 0
    for down, at_ms in ((True, 0), (False, 1), (True, 2)):
        buttons._edges.append((gestures.SOS_BUTTON, down, at_ms))
    clock.ms = 3
    buttons._look()
    clock.ms = gestures.SOS_HOLD_MS
    buttons._look()
    assert told[-1] == gestures.SOS


def test_a_tap_too_short_to_tell_from_a_bounce_is_let_go_of_at_the_next_look():
    _, buttons, clock, told = three_buttons()
    for down, at_ms in ((True, 0), (False, 3)):
        buttons._edges.append((gestures.OK_BUTTON, down, at_ms))
    for clock.ms in (4, 54, 54 + gestures.GAP_MS):
        buttons._look()
    assert told == [gestures.OK]


def test_between_the_presses_of_a_gesture_the_buttons_are_in_use():
    pins, buttons, clock, told = three_buttons()
    assert not buttons.in_use()
    pins[gestures.LANYARD].level = 0
    assert buttons.in_use()
    pins[gestures.LANYARD].level = 1
    buttons._edges += [(gestures.OK_BUTTON, True, 0), (gestures.OK_BUTTON, False, gestures.OK_HOLD_MS)]
    assert buttons.in_use(), "not looked at yet"
    clock.ms = gestures.OK_HOLD_MS + gestures.GAP_MS - 1
    buttons._look()
    assert buttons.in_use() and told == [], "a short press may follow, and make it another gesture"
    clock.ms += 1
    buttons._look()
    assert told == [gestures.OK_HELD] and not buttons.in_use()


def test_edges_keep_their_own_times_however_late_the_task_runs():
    pins, buttons, clock, told = three_buttons()
    for down, at_ms in ((True, 1_000), (False, 1_000 + gestures.OK_HOLD_MS)):
        buttons._edges.append((gestures.OK_BUTTON, down, at_ms))
    clock.ms = 9_000
    buttons._look()
    assert told == [gestures.OK_HELD]
    assert pins[gestures.OK_BUTTON].handler is not None


def test_a_chattering_contact_cannot_fill_the_memory():
    import time

    pins, buttons, _, _ = three_buttons()
    if not hasattr(time, "ticks_ms"):
        time.ticks_ms = lambda: 0
    for _ in range(MAX_EDGES + 10):
        pins[gestures.OK_BUTTON].handler(pins[gestures.OK_BUTTON])
    assert len(buttons._edges) == MAX_EDGES and buttons.dropped == 10


def test_a_task_that_does_not_come_round_is_named():
    clock = Clock()
    dog = Watchdog(None, clock, None)
    radio, _ = dog.progress_of("radio"), dog.progress_of("buttons")
    clock.ms = STUCK_MS + 1
    radio()
    assert dog.stuck() == ["buttons"]


def test_battery_percent_stays_within_its_bounds():
    assert [percent(mv) for mv in (0, 3300, 3750, 4200, 5000)] == [0, 0, 50, 100, 100]


class Feeling:
    """What the performer needs of a player and of a flash."""

    def __init__(self):
        self.discreet = False
        self.played = []
        self.files = {}

    def be_discreet(self, on):
        self.discreet = on

    def play(self, number):
        self.played.append(number)

    def outdate(self, numbers):
        self.played.append(numbers)

    def replace(self, name, content):
        self.files[name] = content


def test_discreet_is_switched_by_a_gesture_kept_in_flash_and_felt():
    feeling = Feeling()
    performer = Performer(None, Clock(), None, feeling, feeling, None, None)
    performer.gesture(gestures.DISCREET, 0)
    assert feeling.discreet and feeling.files == {DISCREET_FILE: DISCREET}
    performer.gesture(gestures.DISCREET, 0)
    assert not feeling.discreet and feeling.files[DISCREET_FILE] != DISCREET
    assert feeling.played == [felt.DISCREET_ON, felt.DISCREET_OFF]


class Checked:
    """A wearable that is always ready and keeps every press."""

    def measured(self, battery_mv, now_ms):
        return [Feel(felt.READY)]

    def gesture(self, gesture, now_ms):
        return [Feel(felt.KEPT)]


def test_ready_is_followed_by_discreet_while_it_is():
    feeling = Feeling()
    performer = Performer(Checked(), Clock(), None, feeling, feeling, None, None)
    performer.measured(3900)
    feeling.discreet = True
    performer.measured(3900)
    assert feeling.played == [felt.READY, felt.READY, felt.DISCREET_ON]


def test_only_the_press_that_built_up_ends_what_is_felt_of_it():
    feeling = Feeling()
    performer = Performer(Checked(), Clock(), None, feeling, feeling, None, None)
    performer.gesture(gestures.OK, 0)  # touched just before SOS, and understood while that is held
    performer.gesture(gestures.SOS, 0)
    assert feeling.played == [felt.KEPT, felt.QUIET, OF_ANOTHER_ALARM, felt.KEPT]
