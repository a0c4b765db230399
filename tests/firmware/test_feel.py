"""What is played when two things are to be felt at once. A program of the player's, with pins that remember."""

import asyncio

import board_asyncio  # noqa: F401
from pendant import feel, felt
from pendant.feel import FULL, MAX_WAITING, MOTOR_HZ, MOTOR_STEP_HZ, OF_ANOTHER_ALARM, PAUSE_MS, Player
from pendant.log import Log
from pendant.watchdog import STUCK_MS


class Motor:
    """As machine.PWM, remembers which pattern each pulse belongs to."""

    def __init__(self):
        self.pulses = []
        self._hz = 0
        self._duty = 0

    def freq(self, hz):
        self._hz = hz

    def duty_u16(self, duty):
        if duty and not self._duty:
            self.pulses.append((self._hz - MOTOR_HZ) // MOTOR_STEP_HZ)
        self._duty = duty


class Led:
    def __init__(self):
        self.lit = 0

    def value(self, level):
        self.lit += level


pass_ms = asyncio.sleep_ms  # the player's own sleeping, never a test's


class Hurried:
    """asyncio as the player knows it, ten times as fast."""

    Event = asyncio.Event
    CancelledError = asyncio.CancelledError
    TimeoutError = asyncio.TimeoutError
    create_task = staticmethod(asyncio.create_task)

    @staticmethod
    async def sleep_ms(ms):
        await pass_ms((ms + 9) // 10)

    @staticmethod
    async def wait_for_ms(what, ms):
        return await asyncio.wait_for_ms(what, ms // 10)


feel.asyncio = Hurried


class Quiet(Log):
    def say(self, *words):
        return


OVER = -1  # among what is played: wait until the last pulse of all before is over


async def is_over(motor, numbers):
    due = sum([len(pulses_of(number)) for number in numbers if number != OVER])
    while len(motor.pulses) < due or motor._duty:
        await asyncio.sleep(0)


def play(*numbers, discreet=False):
    """What the motor did when these came one after another without a pause; (pulses, LED lit, buzzer)."""
    motor, led, buzzer = Motor(), Led(), Motor()
    player = Player(motor, led, buzzer, Quiet())
    player.be_discreet(discreet)

    async def scenario():
        idle = asyncio.Event()
        task = asyncio.create_task(player.run(lambda: player._waiting or idle.set()))
        for i, number in enumerate(numbers):
            if number == OVER:
                await asyncio.wait_for(is_over(motor, numbers[:i]), 5)
                continue
            player.play(number)
            for _ in range(5):
                await asyncio.sleep(0)
        idle.clear()
        if player._waiting or player._playing is not None:
            await asyncio.wait_for(idle.wait(), 10)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return

    asyncio.run(scenario())
    return motor.pulses, led.lit, len(buzzer.pulses)


def pulses_of(number):
    return [number] * ((len(felt.PATTERNS[number].pulses) + 1) // 2)


def test_no_two_patterns_feel_the_same_with_eyes_shut():
    told = [felt.beats(n) for n in range(1, len(felt.NAMES)) if n != felt.SOS_GROWING]
    assert len(set(told)) == len(told), told
    assert not [beats for beats in told if "?" in beats], "pulses are short or long, nothing between"
    assert felt.LONG_MS >= 3 * felt.SHORT_MS
    assert all(len(pattern.pulses) % 2 for pattern in felt.PATTERNS[1:])  # each ends with a pulse
    assert FULL == 65535


def test_a_pause_is_long_enough_to_tell_two_pulses_apart_and_short_enough_to_be_one_pattern():
    for pattern in felt.PATTERNS[1:]:
        for i in range(1, len(pattern.pulses), 2):  # MicroPython slices without steps
            assert 70 <= pattern.pulses[i] <= felt.SLOW_MS, pattern.name


def test_what_is_said_by_sound_is_said_by_touch_too():
    assert all(pattern.pulses for pattern in felt.PATTERNS if pattern.buzzer)


def test_the_more_important_cuts_short_and_kept_gives_way():
    pulses, _, _ = play(felt.KEPT, felt.AT_HUB)
    assert pulses[:1] == [felt.KEPT] or pulses == pulses_of(felt.AT_HUB)
    assert [n for n in pulses if n != felt.KEPT] == pulses_of(felt.AT_HUB)


def test_a_prompt_that_was_cut_short_is_played_again():
    pulses, _, _ = play(felt.PROMPT, felt.NOT_GETTING_THROUGH)
    first = pulses.index(felt.NOT_GETTING_THROUGH)
    assert pulses[first:] == pulses_of(felt.NOT_GETTING_THROUGH) + pulses_of(felt.PROMPT)


def test_letting_go_of_sos_ends_what_grows():
    pulses, _, _ = play(felt.SOS_GROWING, felt.QUIET)
    assert pulses in ([], [felt.SOS_GROWING])


def test_while_sos_builds_up_nothing_else_is_felt__she_would_let_go_believing_it_sent():
    for number in range(1, len(felt.NAMES)):
        player = Player(Motor(), Led(), Motor(), Quiet())
        player._playing = felt.SOS_GROWING
        player.play(number)
        assert player._playing == (None if number == felt.SOS_GROWING else felt.SOS_GROWING), number
        assert player._waiting == [number]
    player._playing = felt.SOS_GROWING
    for number in (felt.AT_HUB, felt.QUIET, felt.KEPT):
        player.play(number)
    assert felt.AT_HUB not in player._waiting and felt.KEPT in player._waiting  # that was of another press
    pulses, _, _ = play(felt.SOS_GROWING, felt.AT_HUB, felt.QUIET)
    assert pulses[-2:] == pulses_of(felt.AT_HUB)


def test_after_a_new_sos_nothing_is_felt_of_the_alarm_before_it():
    for number in OF_ANOTHER_ALARM:
        player = Player(Motor(), Led(), Motor(), Quiet())
        player._playing = number
        player.play(felt.SOS_GROWING)
        assert number in player._waiting, "let go of, and it is played again"
        player._waiting, player._playing = [number], felt.SOS_GROWING
        player.play(felt.QUIET)
        player.outdate(OF_ANOTHER_ALARM)
        player.play(felt.KEPT)
        assert player._waiting == [felt.KEPT]
        player._playing = number  # the lanyard is pulled while it is felt
        player.outdate(OF_ANOTHER_ALARM)
        assert player._playing is None and player._waiting == [felt.KEPT]


def test_with_too_much_to_be_felt_the_least_important_is_what_is_dropped():
    player = Player(Motor(), Led(), Motor(), Quiet())
    by_weight = sorted(range(1, len(felt.NAMES)), key=lambda n: felt.PATTERNS[n].importance)
    heavy = by_weight[-MAX_WAITING - 1 :]
    player._playing = felt.SOS_GROWING
    player._waiting = heavy[:MAX_WAITING]
    player.play(felt.LOW_BATTERY)
    assert player.dropped == 1 and felt.LOW_BATTERY not in player._waiting and len(player._waiting) == MAX_WAITING
    player._waiting = by_weight[:MAX_WAITING]
    player.play(felt.AT_HUB)
    assert felt.AT_HUB in player._waiting and len(player._waiting) == MAX_WAITING


def test_what_is_over_but_for_its_pause_is_not_played_again():
    pulses, _, _ = play(felt.AT_HUB, OVER, felt.SOS_GROWING, felt.QUIET, felt.KEPT)
    assert pulses.count(felt.AT_HUB) == 2, pulses


def test_held_to_its_end_sos_is_felt_as_kept_before_the_hub_has_it_however_soon_that_is():
    pulses, _, _ = play(felt.SOS_GROWING, OVER, felt.QUIET, felt.KEPT, felt.AT_HUB)
    assert pulses == pulses_of(felt.SOS_GROWING) + pulses_of(felt.KEPT) + pulses_of(felt.AT_HUB)


def test_letting_go_of_sos_or_an_answer_ends_the_question_whether_she_has_fallen():
    pulses, _, _ = play(felt.FALL, felt.QUIET, felt.KEPT)
    assert [n for n in pulses if n != felt.FALL] == pulses_of(felt.KEPT)
    assert len(pulses) < len(pulses_of(felt.FALL)) + 1


def test_who_is_calling_for_help_is_not_asked_whether_she_has_fallen():
    pulses, _, _ = play(felt.SOS_GROWING, felt.FALL)
    assert pulses == pulses_of(felt.SOS_GROWING) + pulses_of(felt.FALL)


def test_at_the_hub_follows_kept_soon_and_is_still_told_apart_from_it():
    assert 2 * felt.PATTERNS[felt.AT_HUB].pulses[1] <= feel.KEPT_PAUSE_MS
    motor = Motor()
    player = Player(motor, Led(), Motor(), Quiet())
    pause_ms, feel.PAUSE_MS = feel.PAUSE_MS, 60_000

    async def scenario():
        task = asyncio.create_task(player.run(lambda: None))
        player.play(felt.KEPT)
        await asyncio.wait_for(is_over(motor, (felt.KEPT,)), 5)
        player.play(felt.AT_HUB)
        await asyncio.wait_for(is_over(motor, (felt.KEPT, felt.AT_HUB)), 5)
        player._cut()
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return

    try:
        asyncio.run(scenario())
    finally:
        feel.PAUSE_MS = pause_ms
    assert motor.pulses == pulses_of(felt.KEPT) + pulses_of(felt.AT_HUB)


def test_refused_waits_for_kept():
    pulses, _, _ = play(felt.KEPT, felt.REFUSED)
    assert pulses == pulses_of(felt.KEPT) + pulses_of(felt.REFUSED)


def test_practice_is_said_last_and_never_of_an_sos_that_follows():
    pulses, _, _ = play(felt.KEPT, felt.PRACTICE, felt.AT_HUB, felt.PRACTICE)
    assert pulses[-6:] == pulses_of(felt.AT_HUB) + pulses_of(felt.PRACTICE)
    for then in ((felt.SOS_GROWING, felt.KEPT), (felt.KEPT,), (felt.NOT_GETTING_THROUGH,)):
        pulses, _, _ = play(felt.AT_HUB, felt.PRACTICE, *then)
        assert felt.PRACTICE not in pulses, then


def test_no_pattern_keeps_its_task_from_the_watchdog_for_long():
    for pattern in felt.PATTERNS:
        assert sum(pattern.pulses) + PAUSE_MS <= STUCK_MS - 1_000, pattern.name


def test_discreet_is_touch_alone():
    assert play(felt.PROMPT)[1:] != (0, 0)
    assert play(felt.PROMPT, discreet=True)[1:] == (0, 0)


def test_nothing_outdated_is_felt_after_what_says_more():
    pulses, _, _ = play(felt.AT_HUB, felt.PERSON_HAS_IT)
    assert pulses[-1] == felt.PERSON_HAS_IT
    pulses, _, _ = play(felt.NOT_GETTING_THROUGH, felt.PERSON_HAS_IT)
    assert pulses[1:] == pulses_of(felt.PERSON_HAS_IT)
    pulses, _, _ = play(felt.PROMPT, felt.AT_HUB, felt.NOT_GETTING_THROUGH, felt.PERSON_HAS_IT)
    after = pulses[pulses.index(felt.PERSON_HAS_IT) :]
    assert after == pulses_of(felt.PERSON_HAS_IT) + pulses_of(felt.PROMPT)
    pulses, _, _ = play(felt.NOT_GETTING_THROUGH, felt.REFUSED, felt.CLEARED)
    assert felt.REFUSED not in pulses


def test_discreet_nothing_lights_or_sounds_whatever_is_felt_and_however_things_stand():
    for number in range(1, len(felt.NAMES)):
        assert play(number, discreet=True)[1:] == (0, 0), number
    motor, led, buzzer = Motor(), Led(), Motor()
    player = Player(motor, led, buzzer, Quiet())
    player.be_discreet(True)
    for light in (felt.LIGHT_ALARM, felt.LIGHT_UNWATCHED, felt.LIGHT_WATCHED, felt.LIGHT_IDLE):
        player.light(light)
        assert player._level(1) == 0, light


def test_who_becomes_discreet_in_the_middle_of_a_sound_is_so_at_once():
    motor, led, buzzer = Motor(), Led(), Motor()
    player = Player(motor, led, buzzer, Quiet())
    player._drive(felt.PROMPT, FULL)
    assert buzzer._duty and led.lit
    player.be_discreet(True)
    assert not buzzer._duty
