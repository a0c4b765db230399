"""Who may stay connected: strangers two seconds, one carrier in use, and whoever proves itself takes over."""

from pendant.links import AUTHENTICATE_MS, ENDING, IN_USE, KNOWN, MAX_LINKS, STACK_LINKS, STRANGER, Links

PATIENCE_MS = 30_000


def standings(links, *numbers):
    return [links.of(number).standing for number in numbers]


def two():
    """(Links, the first, the second), both connected at 0."""
    links = Links()
    links.add(1, 0)
    links.add(2, 0)
    return links, links.of(1), links.of(2)


def test_a_stranger_is_due_after_two_seconds_and_again_if_it_stays():
    links, first, second = two()
    links.prove(second, 100, PATIENCE_MS)
    assert links.overdue(AUTHENTICATE_MS - 1, PATIENCE_MS) == []
    assert links.overdue(AUTHENTICATE_MS, PATIENCE_MS) == [first]
    links.end(first, AUTHENTICATE_MS)
    assert first.standing == ENDING
    assert links.overdue(AUTHENTICATE_MS, PATIENCE_MS) == []
    assert links.overdue(2 * AUTHENTICATE_MS, PATIENCE_MS) == [first]


def test_who_proves_itself_is_in_use_and_the_others_go():
    links, first, second = two()
    assert not links.in_use()
    assert links.prove(second, 100, PATIENCE_MS) == [first]
    assert links.in_use() and standings(links, 1, 2) == [STRANGER, IN_USE]
    links.end(first, 100)
    assert links.prove(first, 200, PATIENCE_MS) == []  # too late
    assert standings(links, 1, 2) == [ENDING, IN_USE]


def test_a_carrier_that_brings_nothing_more_fades_before_it_goes_and_another_takes_over():
    links, first, _second = two()
    links.prove(first, 0, PATIENCE_MS)
    assert links.next_ms() <= PATIENCE_MS // 2
    links.remove(2)
    assert links.overdue(PATIENCE_MS // 2, PATIENCE_MS) == []
    assert first.standing == KNOWN and not links.in_use()
    links.add(3, PATIENCE_MS // 2)
    assert links.prove(links.of(3), PATIENCE_MS // 2 + 500, PATIENCE_MS) == [first]


def test_nobody_else_comes__it_stays_until_its_time_is_over():
    links, first, _ = two()
    links.prove(first, 0, PATIENCE_MS)
    links.remove(2)
    assert links.overdue(PATIENCE_MS - 1, PATIENCE_MS) == []
    links.prove(first, PATIENCE_MS - 1, PATIENCE_MS)
    assert links.overdue(PATIENCE_MS, PATIENCE_MS) == [] and links.in_use()
    assert links.overdue(2 * PATIENCE_MS, PATIENCE_MS) == [first]


def test_an_alarm_shortens_what_a_carrier_was_given():
    links, first, _ = two()
    links.prove(first, 0, PATIENCE_MS)
    links.remove(2)
    assert links.overdue(1_000, 4_000) == []
    assert first.standing == IN_USE
    assert links.overdue(3_000, 4_000) == [] and first.standing == KNOWN
    assert links.overdue(5_000, 4_000) == [first]


def test_frames_go_to_those_that_take_a_whole_one():
    links, first, second = two()
    assert links.hearing(True) == []
    first.fits = second.fits = True
    assert links.hearing(True) == [first, second]
    links.end(first, 0)
    assert links.hearing(True) == [second]


def test_of_known_and_strange_ones_only_the_known_hear_what_is_not_for_all():
    links, first, second = two()
    first.fits = second.fits = True
    assert links.hearing(False) == []
    links.recognise(second, 100, PATIENCE_MS)
    assert links.hearing(False) == [second]
    assert links.overdue(AUTHENTICATE_MS, PATIENCE_MS) == [first] and not links.in_use()
    links.prove(second, 200, PATIENCE_MS)
    links.recognise(second, 300, PATIENCE_MS)  # encrypted anew: stays in use
    assert links.in_use()
    links.end(second, 400)
    links.recognise(second, 500, PATIENCE_MS)
    assert second.standing == ENDING


def test_a_number_that_is_given_again_is_a_new_stranger():
    links, first, _ = two()
    links.prove(first, 0, PATIENCE_MS)
    links.add(1, 500)
    assert len(links) == 2 < MAX_LINKS
    assert links.of(1).standing == STRANGER and links.of(9) is None and links.remove(9) is None


def test_those_that_end_slowly_keep_nobody_away_while_the_stack_has_a_place():
    links = Links()
    for number in range(MAX_LINKS):
        assert links.has_room()
        links.add(number, 0)
    assert not links.has_room(), "they have their two seconds"
    for link in links.overdue(AUTHENTICATE_MS, PATIENCE_MS):
        links.end(link, AUTHENTICATE_MS)
    assert len(links) == MAX_LINKS and links.has_room()
    links.add(MAX_LINKS, AUTHENTICATE_MS)
    assert len(links) == STACK_LINKS and not links.has_room()
    links.remove(0)
    assert links.has_room()


def test_one_that_fades_and_comes_back_before_another_is_in_use_again():
    links, first, _ = two()
    links.prove(first, 0, PATIENCE_MS)
    links.remove(2)
    links.overdue(PATIENCE_MS // 2, PATIENCE_MS)
    assert first.standing == KNOWN
    assert links.prove(first, PATIENCE_MS // 2 + 1_000, PATIENCE_MS) == []
    assert links.in_use() and links.overdue(PATIENCE_MS - 1, PATIENCE_MS) == []


def test_two_that_are_known_both_hear_until_one_proves_itself_and_it_alone_is_in_use():
    links, first, second = two()
    for link in (first, second):
        link.fits = True
        links.recognise(link, 100, PATIENCE_MS)
    assert links.hearing(False) == [first, second] and not links.in_use()
    assert links.prove(second, 200, PATIENCE_MS) == [first]
    links.end(first, 200)
    assert links.hearing(False) == [second]
    assert links.prove(first, 300, PATIENCE_MS) == [], "an answer that was under way to it comes too late"
    assert standings(links, 1, 2) == [ENDING, IN_USE]
