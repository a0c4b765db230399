"""What Ana's fingers mean, in milliseconds."""

from watchword_core import gestures as g


def play(edges, until=20_000):
    """[(at, button, down)] to [(at, gesture)], with time passing in between as on the board."""
    machine = g.Gestures()
    heard = []
    for at, button, down in edges + [(until, None, None)]:
        while True:
            due = machine.next_deadline_ms()
            if due is None or due > at:
                break
            gesture = machine.handle_deadline(due)
            if gesture:
                heard.append((due, gesture))
        if button is not None:
            gesture = machine.edge(button, down, at)
            if gesture:
                heard.append((at, gesture))
    return heard


def press(button, at, held):
    return [(at, button, True), (at + held, button, False)]


def names(heard):
    return [gesture for _, gesture in heard]


def test_sos_is_complete_after_three_seconds_of_holding():
    heard = play(press(g.SOS_BUTTON, 1000, 5000))
    assert heard == [(1000, g.SOS_STARTED), (4000, g.SOS)]


def test_sos_let_go_early_is_let_go():
    assert names(play(press(g.SOS_BUTTON, 0, 2900))) == [g.SOS_STARTED, g.SOS_LET_GO]


def test_a_late_deadline_loses_no_sos():
    machine = g.Gestures()
    machine.edge(g.SOS_BUTTON, True, 0)
    assert machine.edge(g.SOS_BUTTON, False, 3100) == g.SOS


def test_the_lanyard_is_an_sos_at_once():
    assert play([(500, g.LANYARD, True)]) == [(500, g.SOS)]


def test_one_short_press_is_ok_after_the_gap():
    assert play(press(g.OK_BUTTON, 0, 100)) == [(100 + g.GAP_MS, g.OK)]


def test_two_short_presses_extend():
    assert names(play(press(g.OK_BUTTON, 0, 100) + press(g.OK_BUTTON, 300, 100))) == [g.EXTEND]


def test_two_presses_far_apart_are_two_oks():
    assert names(play(press(g.OK_BUTTON, 0, 100) + press(g.OK_BUTTON, 2000, 100))) == [g.OK, g.OK]


def test_a_held_press_is_held_ok():
    assert names(play(press(g.OK_BUTTON, 0, 1300))) == [g.OK_HELD]


def test_held_then_pressed_is_duress():
    assert names(play(press(g.OK_BUTTON, 0, 1300) + press(g.OK_BUTTON, 1500, 100))) == [g.DURESS]


def test_no_other_two_presses_are_duress():
    for first, second in ((100, 100), (100, 1300), (1300, 1300)):
        edges = press(g.OK_BUTTON, 0, first) + press(g.OK_BUTTON, first + 200, second)
        assert g.DURESS not in names(play(edges))


def test_a_bouncing_contact_is_one_press():
    edges = []
    for i in range(6):
        edges.append((i * 3, g.OK_BUTTON, i % 2 == 0))
    edges += [(40, g.OK_BUTTON, True), (150, g.OK_BUTTON, False)]
    heard = names(play(edges))
    assert g.SOS not in heard and g.DURESS not in heard


def test_ok_during_a_held_sos_takes_nothing_from_it():
    edges = [(0, g.SOS_BUTTON, True), (500, g.OK_BUTTON, True), (600, g.OK_BUTTON, False), (3500, g.SOS_BUTTON, False)]
    assert g.SOS in names(play(edges))


def test_holds_that_are_just_long_enough_are():
    machine = g.Gestures()
    machine.edge(g.SOS_BUTTON, True, 0)
    assert machine.edge(g.SOS_BUTTON, False, g.SOS_HOLD_MS) == g.SOS  # the deadline came late
    assert names(play(press(g.OK_BUTTON, 0, g.OK_HOLD_MS))) == [g.OK_HELD]
    assert names(play(press(g.OK_BUTTON, 0, g.OK_HOLD_MS - 1))) == [g.OK]


def test_two_presses_that_mean_nothing_leave_nothing_behind():
    for first, second in ((100, 1300), (100, 1800)):
        edges = press(g.OK_BUTTON, 0, first) + press(g.OK_BUTTON, first + 200, second)
        then = first + 200 + second + g.GAP_MS
        heard = play(edges + press(g.OK_BUTTON, then, 100))[2:]  # a practice started and let go
        assert heard == [(then + 100 + g.GAP_MS, g.OK)]


def test_a_deadline_handled_too_early_completes_nothing():
    assert g.Gestures().handle_deadline(10_000) is None
    machine = g.Gestures()
    machine.edge(g.SOS_BUTTON, True, 1000)
    assert machine.handle_deadline(1000 + g.SOS_HOLD_MS - 1) is None
    assert machine.handle_deadline(1000 + g.SOS_HOLD_MS) == g.SOS
    assert machine.handle_deadline(9000) is None
    machine = g.Gestures()
    machine.edge(g.OK_BUTTON, True, 1000)
    assert machine.handle_deadline(9000) is None
    machine.edge(g.OK_BUTTON, False, 9100)
    assert machine.handle_deadline(9100 + g.GAP_MS - 1) is None
    machine.edge(g.OK_BUTTON, True, 9300)
    assert machine.handle_deadline(9100 + g.GAP_MS) is None  # held: it may become another gesture


def test_whether_a_button_is_down():
    machine = g.Gestures()
    assert not machine.is_down(g.OK_BUTTON)
    machine.edge(g.OK_BUTTON, True, 0)
    assert machine.is_down(g.OK_BUTTON) and not machine.is_down(g.SOS_BUTTON)
    machine.edge(g.OK_BUTTON, False, 100)
    assert not machine.is_down(g.OK_BUTTON)


def test_an_sos_whose_contact_bounces_is_an_sos():
    bounces = [(0, True), (1, False), (2, True), (4, False), (6, True)]
    edges = [(at, g.SOS_BUTTON, down) for at, down in bounces]
    assert play(edges + [(5000, g.SOS_BUTTON, False)]) == [(0, g.SOS_STARTED), (3000, g.SOS)]


def test_a_contact_that_opens_for_a_moment_does_not_let_sos_go():
    edges = [(0, g.SOS_BUTTON, True), (2000, g.SOS_BUTTON, False), (2004, g.SOS_BUTTON, True)]
    assert play(edges + [(3500, g.SOS_BUTTON, False)])[-1] == (3000, g.SOS)


def test_an_ok_whose_contact_bounces_is_one_ok():
    edges = [(0, True), (2, False), (5, True), (120, False), (123, True), (125, False)]
    assert names(play([(at, g.OK_BUTTON, down) for at, down in edges])) == [g.OK]


def test_every_shape_of_presses_is_its_gesture_and_comes_the_same_time_after_its_last_press():
    for shape, gesture in g.SHAPES:
        edges, at = [], 0
        for kind in shape:
            held = 1300 if kind == "h" else 100
            edges += press(g.OK_BUTTON, at, held)
            at += held + 250
        heard = [h for h in play(edges) if h[1] != g.PRACTICE_STARTED]
        assert heard == [(at - 250 + g.GAP_MS, gesture)], shape


def test_every_meaning_of_ok_has_a_twin_under_duress():
    twins = [twin for twin, _ in g.TWINS]
    for _, gesture in g.SHAPES:
        if gesture in (g.CHECK, g.DISCREET, g.PRACTICE_LET_GO):
            continue  # they report nothing to anybody
        assert gesture in twins or gesture in [ordinary for _, ordinary in g.TWINS]
        assert (g.looks_like(gesture) is not None) == (gesture in twins)
    assert len(g.NAMES) == g.PRACTICE_LET_GO + 1 and len(set(g.NAMES)) == len(g.NAMES)


def test_more_presses_than_any_gesture_has_are_duress_only_when_it_was_begun():
    def after(shape):
        edges, at = [], 0
        for kind in shape:
            held = 1300 if kind == "h" else 100
            edges += press(g.OK_BUTTON, at, held)
            at += held + 250
        return names(play(edges))

    assert after("hsss") == after("hsshss") == [g.DURESS]
    assert after("ssss") == after("sssss") == [g.CHECK]
    for shape in ("hhs", "hhh", "sshs"):
        assert after(shape) == [], shape


def test_a_contact_that_slips_goes_on_as_one_press():
    slips = (
        (g.SOS_BUTTON, 3100, 2000, g.SOS_SLIP_MS, [g.SOS_STARTED, g.SOS]),
        (g.OK_BUTTON, 300, 150, g.OK_SLIP_MS, [g.OK]),
        (g.OK_BUTTON, 1500, 700, g.OK_SLIP_MS, [g.OK_HELD]),
        (g.OK_BUTTON, 1900, 1300, g.HELD_SLIP_MS, [g.OK_HELD]),
        (g.LANYARD, 3000, 1, g.LANYARD_SLIP_MS, [g.SOS]),
    )
    for button, held, at, slip, heard in slips:
        edges = [(0, button, True), (at, button, False), (at + slip, button, True), (held, button, False)]
        assert names(play(edges)) == heard, (button, held)
        edges[2] = (at + slip + 1, button, True)
        assert names(play(edges)) != heard, (button, held)


def test_sos_let_go_is_let_go_when_the_slip_is_over():
    assert play(press(g.SOS_BUTTON, 0, 500)) == [(0, g.SOS_STARTED), (500 + g.SOS_SLIP_MS + 1, g.SOS_LET_GO)]


def test_sos_knocked_again_and_again_is_no_sos():
    edges = []
    for i in range(40):
        edges += press(g.SOS_BUTTON, i * 200, 80)
    assert g.SOS not in names(play(edges))


def test_a_lanyard_put_back_and_pulled_again_is_another_sos():
    assert names(play(press(g.LANYARD, 0, 5000) + press(g.LANYARD, 7000, 100))) == [g.SOS, g.SOS]


def test_a_knock_after_a_press_is_no_second_press():
    for held, gesture in ((100, g.OK), (1300, g.OK_HELD)):
        for after in (5, 60, 100, 200, 400):
            edges = press(g.OK_BUTTON, 0, held) + press(g.OK_BUTTON, held + after, g.KNOCK_MS - 1)
            assert play(edges)[0][1] == gesture, (held, after)
            assert len(play(edges)) == 1, (held, after)


def test_a_knock_takes_nothing_from_the_pause_before_the_next_press():
    knock = press(g.OK_BUTTON, 1400, 30)
    assert names(play(press(g.OK_BUTTON, 0, 1300) + knock + press(g.OK_BUTTON, 1500, 100))) == [g.DURESS]


def test_practice_is_ok_pressed_and_then_held_as_long_again_as_an_sos():
    first = press(g.OK_BUTTON, 0, 100)
    started = 300 + g.OK_HOLD_MS
    done = 300 + g.PRACTICE_HOLD_MS
    assert play(first + press(g.OK_BUTTON, 300, 9000)) == [(started, g.PRACTICE_STARTED), (done, g.PRACTICE)]
    let_go = play(first + press(g.OK_BUTTON, 300, g.PRACTICE_HOLD_MS - 1))
    assert let_go == [(started, g.PRACTICE_STARTED), (done - 1 + g.GAP_MS, g.PRACTICE_LET_GO)]


def test_the_sos_button_is_never_practice():
    practice = press(g.OK_BUTTON, 0, 100) + press(g.OK_BUTTON, 300, 9000)
    edges = sorted(practice + press(g.SOS_BUTTON, 400, 5000))
    assert g.SOS in names(play(edges, until=30_000))


def ok_edges(*times):
    """Edges of OK at these times, the first of them down."""
    return [(at, g.OK_BUTTON, i % 2 == 0) for i, at in enumerate(times)]


def test_a_press_held_just_long_enough_slips_as_a_held_one():
    held = g.OK_HOLD_MS
    assert names(play(ok_edges(0, held, held + g.HELD_SLIP_MS, held + 500))) == [g.OK_HELD]


def test_two_quick_presses_are_two_at_any_time_of_day():
    noon = 12 * 3_600_000
    quick = ok_edges(noon, noon + 100, noon + 200, noon + 300)
    assert play(quick, until=noon + 5000) == [(noon + 300 + g.GAP_MS, g.EXTEND)]


def test_a_contact_that_bounces_as_the_button_is_let_go_shortens_nothing():
    opens, closes = 1180, 1180 + g.BOUNCE_MS
    assert names(play(ok_edges(0, opens, closes, closes + 5))) == [g.OK_HELD]
    assert names(play(ok_edges(0, opens, closes + 1, closes + 6))) == [g.OK]  # swung back: let go at the first opening


def test_a_second_closing_is_a_knock_only_below_its_limit():
    again = 1150 + 60
    assert names(play(ok_edges(0, 1150, again, again + g.KNOCK_MS))) == [g.OK_HELD]
    assert names(play(ok_edges(0, 1150, again, again + g.KNOCK_MS - 1))) == [g.OK]
    assert names(play(ok_edges(0, 100, 300, 300 + g.KNOCK_MS))) == [g.EXTEND]


def test_a_pendant_that_swings_back_twice_has_still_been_pressed_once():
    assert play(ok_edges(0, 100, 150, 160, 171, 185)) == [(100 + g.GAP_MS, g.OK)]


def test_a_second_practice_is_as_the_first_and_leaves_the_next_ok_alone():
    edges = []
    for at in (0, 8000):
        edges += press(g.OK_BUTTON, at, 100) + press(g.OK_BUTTON, at + 300, g.PRACTICE_HOLD_MS + 500)
    heard = play(edges + press(g.OK_BUTTON, 16_000, 100))
    assert names(heard) == [g.PRACTICE_STARTED, g.PRACTICE] * 2 + [g.OK]


def test_time_makes_a_practice_at_its_moments_only_and_once():
    machine = g.Gestures()
    for at, button, down in ok_edges(1000, 1100, 1300):
        machine.edge(button, down, at)
    assert machine.handle_deadline(1300 + g.OK_HOLD_MS - 1) is None
    assert machine.handle_deadline(1300 + g.OK_HOLD_MS) == g.PRACTICE_STARTED
    assert machine.handle_deadline(1300 + g.PRACTICE_HOLD_MS - 1) is None
    assert machine.handle_deadline(1300 + g.PRACTICE_HOLD_MS) == g.PRACTICE
    assert machine.handle_deadline(1300 + g.PRACTICE_HOLD_MS) is None
    machine.edge(g.OK_BUTTON, False, 9000)
    assert machine.next_deadline_ms() is None


def test_an_sos_whose_deadline_came_late_is_no_second_one_when_the_contact_slips():
    machine = g.Gestures()
    machine.edge(g.SOS_BUTTON, True, 0)
    assert machine.edge(g.SOS_BUTTON, False, 3100) == g.SOS
    assert machine.edge(g.SOS_BUTTON, True, 3150) is None
    assert machine.next_deadline_ms() is None and machine.handle_deadline(3150) is None
    assert machine.edge(g.SOS_BUTTON, False, 3300) is None


def test_sos_is_not_let_go_at_the_last_moment_of_a_slip():
    machine = g.Gestures()
    machine.edge(g.SOS_BUTTON, True, 0)
    machine.edge(g.SOS_BUTTON, False, 500)
    assert machine.handle_deadline(500 + g.SOS_SLIP_MS) is None
    assert machine.handle_deadline(500 + g.SOS_SLIP_MS + 1) == g.SOS_LET_GO
