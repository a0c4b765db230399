"""Frames: what one side seals the other reads, and nothing else is read."""

from aes import aes
from golden_frames import GOLDEN_DOWN, GOLDEN_UP
from watchword_core import frames
from watchword_core.frames import Fragment, FrameError, Report, Status
from watchword_core.seal import Siv

NEEDS = ("cryptolib",)

UP_KEY = bytes(range(32))
DOWN_KEY = bytes(range(100, 132))
PENDANT = 0x00C0FFEE
BOOT = 0xF123456789ABCDEF
COUNT = 4_000_000_000
ANA_ARRIVES = Report(
    event=3,
    flags=frames.CLOCK_SET | frames.WATCHED,
    battery_mv=3987,
    ticks_ms=(1 << 30) + 5,
    visit=77,
    about=12,
    value=20,
    lat_e7=522404770,
    lon_e7=-9027620,
    accuracy_m=8,
    fix_age_s=2,
    procedure=0xDEADBEEF,
)
TOLD = Status(
    hub_ms=1_790_000_000_123, challenge=0, epoch=9, procedure=0xDEADBEEF, lifetime_ms=30_000, snapshot=b"shut"
)
PIECE = Fragment(procedure=0xDEADBEEF, index=1, of=3, table=bytes(range(180)))


def up(lane=frames.PRESS, report=ANA_ARRIVES):
    return frames.seal_report(Siv(UP_KEY, aes), lane, PENDANT, BOOT, COUNT, report)


def down(status=TOLD):
    return frames.seal_status(Siv(DOWN_KEY, aes), PENDANT, BOOT, 5, frames.PRESS, COUNT, status)


def fault(act, *args):
    """The culprit of the FrameError that `act` must raise."""
    try:
        act(*args)
    except FrameError as e:
        return e.culprit
    raise AssertionError("taken, and should have been refused")


def reason(act, *args):
    """What the FrameError that `act` must raise tells."""
    try:
        act(*args)
    except FrameError as e:
        assert str(e) == "%s (fault: %s)" % (e.reason, e.culprit)
        return e.reason
    raise AssertionError("taken, and should have been refused")


def open_up(frame):
    return frames.open_report(Siv(UP_KEY, aes), frame)


def open_down(frame):
    return frames.open_down(Siv(DOWN_KEY, aes), frame)


def test_a_report_comes_back_whole():
    header, report = open_up(up())
    assert report == ANA_ARRIVES
    assert header == frames.Header(frames.PRESS, PENDANT, BOOT, COUNT, 0, 0)


def test_a_status_comes_back_whole_with_what_it_acknowledges():
    header, status = open_down(down())
    assert status == TOLD
    assert header == frames.Header(frames.DOWN, PENDANT, BOOT, 5, frames.PRESS, COUNT)


def test_a_fragment_comes_back_whole():
    frame = frames.seal_fragment(Siv(DOWN_KEY, aes), PENDANT, BOOT, 6, PIECE)
    header, fragment = open_down(frame)
    assert fragment == PIECE
    assert (header.ack_lane, header.ack_count) == (0, 0)


def test_what_makes_it_buzz_comes_back_whole_and_is_as_long_as_the_rest():
    frame = frames.seal_find(Siv(DOWN_KEY, aes), PENDANT, BOOT, 7, frames.Find(1_700_000_000_000, 30_000))
    header, find = open_down(frame)
    assert find == frames.Find(1_700_000_000_000, 30_000) and len(frame) == frames.DOWN_BYTES
    assert (header.count, header.ack_lane, header.ack_count) == (7, 0, 0)


def test_frames_sealed_by_the_first_version_are_read():
    assert up() == GOLDEN_UP
    assert open_up(GOLDEN_UP)[1] == ANA_ARRIVES
    assert down() == GOLDEN_DOWN
    assert open_down(GOLDEN_DOWN)[1] == TOLD


def test_whatever_is_said_has_one_length():
    sos = Report(9, 0, 0, 0, 0, 0, 0, frames.NO_POSITION, frames.NO_POSITION, 0, frames.NO_AGE, 0)
    assert len(up(report=sos)) == len(up()) == len(up(lane=frames.ROUTINE)) == frames.UP_BYTES
    silent = Status(1, 0, 1, 0, 0, b"")
    fullest = Status(1, 0, 1, 0, 0, bytes(frames.MAX_SNAPSHOT_BYTES))
    piece = frames.seal_fragment(Siv(DOWN_KEY, aes), PENDANT, BOOT, 6, PIECE)
    assert len(down(silent)) == len(down(fullest)) == len(piece) == frames.DOWN_BYTES


def test_every_truncated_length_is_refused():
    for whole, opened in ((up(), open_up), (down(), open_down)):
        for n in range(len(whole)):
            assert fault(opened, whole[:n]) == "peer", n
        assert fault(opened, whole + b"\x00") == "peer"


def test_every_flipped_bit_is_refused_header_included():
    for whole, opened in ((up(), open_up), (down(), open_down)):
        for i in range(len(whole)):
            damaged = bytearray(whole)
            damaged[i] ^= 1 << (i % 8)
            assert fault(opened, bytes(damaged)) == "peer", i


def test_a_frame_of_the_other_direction_is_refused():
    assert fault(open_up, down()) == "peer"
    assert fault(open_down, up()) == "peer"


def test_the_other_directions_key_opens_nothing():
    assert fault(frames.open_report, Siv(DOWN_KEY, aes), up()) == "peer"
    assert fault(frames.open_down, Siv(UP_KEY, aes), down()) == "peer"


def test_what_is_too_long_is_refused_before_sealing():
    assert fault(down, Status(1, 0, 1, 0, 0, bytes(frames.MAX_SNAPSHOT_BYTES + 1))) == "ours"
    long = Fragment(1, 0, 1, bytes(frames.MAX_FRAGMENT_BYTES + 1))
    assert fault(frames.seal_fragment, Siv(DOWN_KEY, aes), PENDANT, BOOT, 1, long) == "ours"


def test_a_field_that_does_not_fit_is_refused_before_sealing():
    # MicroPython's struct cuts such a number short without a word.
    flat_battery = 65536
    too_big = Report(3, 0, flat_battery, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert fault(up, frames.PRESS, too_big) == "ours"
    assert fault(up, frames.PRESS, Report(3, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0)) == "ours"


def test_a_report_has_no_way_down():
    assert fault(up, frames.DOWN) == "ours"


def test_a_length_that_runs_past_the_frame_is_refused():
    siv = Siv(DOWN_KEY, aes)
    whole = down()
    header = whole[: frames.DOWN_HEADER_BYTES]
    for kind, at in ((1, 29), (2, 7)):  # where each kind keeps the length of what follows
        body = bytearray(frames.DOWN_BODY_BYTES)
        body[0] = kind
        body[at : at + 2] = b"\xff\xff"
        assert fault(open_down, header + siv.seal(header, bytes(body))) == "peer", kind
        assert reason(open_down, header + siv.seal(header, bytes(body))) == "length 65535 runs past the frame"


def test_a_length_that_fills_the_frame_is_read():
    full = Status(1, 0, 1, 0, 0, bytes(range(frames.MAX_SNAPSHOT_BYTES)))
    assert open_down(down(full))[1] == full
    piece = Fragment(1, 0, 1, bytes(range(frames.MAX_FRAGMENT_BYTES)))
    assert open_down(frames.seal_fragment(Siv(DOWN_KEY, aes), PENDANT, BOOT, 6, piece))[1] == piece


def test_a_refusal_says_what_is_wrong():
    assert reason(open_up, down()) == "a frame for the pendant came up"
    assert reason(open_down, up()) == "a frame for the hub came down"
    assert reason(frames.open_report, Siv(DOWN_KEY, aes), up()) == "seal does not match"
    assert reason(up, frames.DOWN) == "lane 3 is not for reports"
    long = Status(1, 0, 1, 0, 0, bytes(frames.MAX_SNAPSHOT_BYTES + 1))
    assert reason(down, long) == "snapshot has 174 bytes; a status holds 173"
    long = Fragment(1, 0, 1, bytes(frames.MAX_FRAGMENT_BYTES + 1))
    told = reason(frames.seal_fragment, Siv(DOWN_KEY, aes), PENDANT, BOOT, 1, long)
    assert told == "fragment has 196 bytes; a frame holds 195"
    told = reason(up, frames.PRESS, Report(3, 0, 65536, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    assert told.startswith("a field ") and "does not fit its layout " in told


def test_a_kind_from_a_newer_hub_is_genuine_and_unread():
    header = down()[: frames.DOWN_HEADER_BYTES]
    body = bytes([200]) + bytes(frames.DOWN_BODY_BYTES - 1)
    assert open_down(header + Siv(DOWN_KEY, aes).seal(header, body))[1] is None


def test_an_event_from_a_newer_pendant_is_kept_as_its_number():
    newer = Report(250, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert open_up(up(report=newer))[1].event == 250
