"""By which way a frame goes, and when the second path is wanted: a dead phone, a phone that is back, a duress."""

from pendant import carriers, effects, felt
from pendant.carriers import Carriers
from story import Ana, Hub, inside
from watchword_core import gestures
from watchword_core import words as w


class Way:
    """A carrier of frames to `hub`, as the radio and the second path are to the performer."""

    def __init__(self):
        self.frames = []

    def attach(self, *news):
        self.news = news

    def send(self, frame):
        self.frames.append(frame)


class Worn:
    """The performer of Ana's pendant, with two ways; `answer(way)` brings back what the hub says to what went by it."""

    def __init__(self, ana):
        self.ana = ana
        ana.link = False  # frames go by the ways
        self.radio, self.second = Way(), Way()
        self.carriers = Carriers(self.radio)
        self.carriers.attach(self)
        self.carriers.add(self.second)

    # what Carriers asks of a performer

    def linked(self, up, missed):
        self._perform(self.ana.p.linked(up, self.ana.since_boot(), missed))

    def received(self, frame, now_ms):
        proofs = self.ana.p.proofs
        self._perform(self.ana.p.received(frame, now_ms))
        return self.ana.p.proofs != proofs

    def patience_ms(self):
        return 15_000

    def waiting_since_ms(self):
        return self.ana.p.waiting.oldest_untold_ms()

    def alarm_open(self):
        from pendant import answers

        return answers.alarm_open(self.ana.p.standing.alarm)

    # what happens to her

    def press(self, gesture):
        self._perform(self.ana.p.gesture(gesture, self.ana.since_boot()))

    def wait(self, ms):
        for _ in range(ms // 500):
            self.ana.now_ms += 500
            self._perform(self.ana.p.handle_deadline(self.ana.since_boot()))

    def wanted(self):
        return self.carriers.second_wanted(self.ana.since_boot())

    def second_is(self, up):
        self.second.news[1](up)

    def radio_is(self, up, missed=False):
        self.radio.news[0](up, missed)

    def hub_answers(self, *ways):
        """To every frame that went by either of them, once; the answer comes by each. Whether each proved alive."""
        asked = []
        for way in ways:
            asked += [frame for frame in way.frames if frame not in asked]
            way.frames = []
        proved = [False] * len(ways)
        for frame in asked:
            answer = self.ana.hub.hear(frame, self.ana.now_ms)
            for i, way in enumerate(ways):
                received = way.news[1] if way is self.radio else way.news[2]
                proved[i] = received(answer, self.ana.since_boot()) or proved[i]
        return proved

    def _perform(self, asked):
        self.ana.perform(asked)
        for effect in asked:
            if isinstance(effect, effects.Send):
                self.carriers.send(effect.frame)


def worn_inside():
    ana, hub = inside()
    worn = Worn(ana)
    worn.radio_is(True)
    worn.hub_answers(worn.radio)
    ana.felt()
    return worn, hub


def test_the_phone_is_dead__after_four_seconds_the_second_path_is_wanted_and_brings_each_answer():
    worn, hub = worn_inside()
    worn.radio_is(False)
    worn.press(gestures.SOS)
    worn.wait(carriers.SECOND_PATH_AFTER_MS - 500)
    assert not worn.wanted()
    worn.wait(500)
    assert worn.wanted()
    assert worn.second.frames == []

    worn.second_is(True)
    worn.hub_answers(worn.second)
    assert felt.AT_HUB in worn.ana.felt()
    hub.person(w.ACKNOWLEDGED, worn.ana.now_ms)
    worn.wait(5_000)
    worn.hub_answers(worn.second)
    assert felt.PERSON_HAS_IT in worn.ana.felt()
    assert worn.wanted()
    hub.person(w.RESOLVED, worn.ana.now_ms)
    worn.wait(5_000)
    worn.hub_answers(worn.second)
    assert felt.RESOLVED in worn.ana.felt()
    assert not worn.wanted()
    assert hub.events().count(w.SOS) == 1


def test_while_the_phone_answers_the_second_path_is_not_wanted():
    worn, _ = worn_inside()
    worn.press(gestures.SOS)
    worn.hub_answers(worn.radio)
    for _ in range(20):
        worn.wait(5_000)
        worn.hub_answers(worn.radio)
        assert not worn.wanted()
    assert worn.second.frames == []


def test_the_phone_dies_after_the_sos_is_at_the_hub__the_second_path_brings_that_a_person_has_it():
    worn, _ = worn_inside()
    worn.press(gestures.SOS)
    worn.hub_answers(worn.radio)
    worn.radio_is(False)
    worn.wait(carriers.PROVED_MS)
    assert worn.wanted()


def test_the_phone_is_back__both_ways_prove_alive_and_the_second_is_left():
    worn, hub = worn_inside()
    worn.radio_is(False)
    worn.press(gestures.SOS)
    worn.wait(carriers.SECOND_PATH_AFTER_MS)
    worn.second_is(True)
    worn.hub_answers(worn.second)
    worn.ana.felt()

    worn.wait(20_000)
    assert worn.wanted()
    worn.radio_is(True)
    assert worn.hub_answers(worn.second, worn.radio) == [True, True]  # the same bytes by both
    assert not worn.wanted()
    assert hub.events().count(w.SOS) == 1
    assert felt.AT_HUB not in worn.ana.felt()  # said once
    worn.second_is(False)
    worn.wait(5_000)
    assert worn.hub_answers(worn.radio) == [True]


def test_an_old_answer_that_a_phone_repeats_proves_nothing():
    worn, _ = worn_inside()
    worn.second_is(True)
    worn.press(gestures.OK)
    answer = worn.ana.hub.hear(worn.second.frames[-1], worn.ana.now_ms)
    assert worn.second.news[2](answer, worn.ana.since_boot())
    assert worn.radio.news[1](answer, worn.ana.since_boot())
    assert not worn.radio.news[1](answer, worn.ana.since_boot())  # a second time
    worn.wait(5_000)
    answer = worn.ana.hub.hear(worn.second.frames[-1], worn.ana.now_ms)
    worn.second.news[2](answer, worn.ana.since_boot())
    worn.wait(carriers.TWIN_MS + 500)
    assert not worn.radio.news[1](answer, worn.ana.since_boot())


def test_duress_and_the_ok_that_it_looks_like_ask_for_the_same_network_at_the_same_moments():
    asked = []
    for gesture in (gestures.OK, gestures.DURESS):
        worn, _ = worn_inside()
        worn.radio_is(False)
        worn.press(gesture)
        wanted = []
        for i in range(60):
            worn.wait(500)
            wanted.append(worn.wanted())
            if i == 20:
                worn.second_is(True)
            if i == 24:
                worn.hub_answers(worn.second)
        asked.append((wanted, [len(frame) for frame in worn.second.frames]))
    assert asked[0] == asked[1]
    assert True in asked[0][0] and not asked[0][0][-1]


def test_one_of_two_ways_is_lost__the_other_goes_on():
    worn, hub = worn_inside()
    worn.second_is(True)
    worn.radio_is(False)
    worn.press(gestures.OK)
    worn.hub_answers(worn.second)
    assert felt.AT_HUB in worn.ana.felt()
    assert w.CHECKED_IN in hub.events()


def test_after_a_reboot_with_a_press_waiting_and_no_phone_the_second_path_is_wanted():
    ana = Ana(Hub())
    ana.press(gestures.SOS)
    ana.reboot(2002)
    worn = Worn(ana)
    worn.wait(carriers.SECOND_PATH_AFTER_MS)
    assert worn.wanted()
