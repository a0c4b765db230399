"""What a carrier reads of a frame without any key; runs on the 32-bit interpreter too."""

from golden_frames import GOLDEN_DOWN, GOLDEN_UP
from watchword_core import frames
from watchword_core.frames import FrameError


def fault(act, *args):
    """The culprit of the FrameError that `act` must raise."""
    try:
        act(*args)
    except FrameError as e:
        return e.culprit
    raise AssertionError("taken, and should have been refused")


def reason(act, *args):
    try:
        act(*args)
    except FrameError as e:
        return e.reason
    raise AssertionError("taken, and should have been refused")


def test_the_header_is_clear_and_keeps_its_64_bits():
    boot = 0xF123456789ABCDEF
    assert frames.read_header(GOLDEN_UP) == frames.Header(frames.PRESS, 0x00C0FFEE, boot, 4_000_000_000, 0, 0)
    acknowledged = frames.Header(frames.DOWN, 0x00C0FFEE, boot, 5, frames.PRESS, 4_000_000_000)
    assert frames.read_header(GOLDEN_DOWN) == acknowledged


def test_every_other_length_is_refused():
    for n in range(frames.DOWN_BYTES + 20):
        if n not in (frames.UP_BYTES, frames.DOWN_BYTES):
            assert fault(frames.read_header, (GOLDEN_DOWN + bytes(20))[:n]) == "peer", n


def test_an_unknown_version_is_the_peers_fault_and_named():
    for whole in (GOLDEN_UP, GOLDEN_DOWN):
        newer = bytes([frames.VERSION + 1]) + whole[1:]
        assert fault(frames.read_header, newer) == "peer"
        try:
            frames.read_header(newer)
        except FrameError as e:
            assert str(frames.VERSION + 1) in e.reason


def test_a_lane_goes_with_its_length_only():
    for lane in (0, frames.DOWN, 4, 255):
        assert fault(frames.read_header, bytes([frames.VERSION, lane]) + GOLDEN_UP[2:]) == "peer", lane
    for lane in (0, frames.PRESS, frames.ROUTINE, 4, 255):
        assert fault(frames.read_header, bytes([frames.VERSION, lane]) + GOLDEN_DOWN[2:]) == "peer", lane


def test_a_refusal_says_what_is_wrong():
    assert reason(frames.read_header, b"123") == "frame has 3 bytes; frames have 78 or 243"
    assert reason(frames.read_header, b"\x07" + GOLDEN_UP[1:]) == "frame version 7; this side speaks 1"
    wrong_lane = bytes([frames.VERSION, 9]) + GOLDEN_UP[2:]
    assert reason(frames.read_header, wrong_lane) == "lane 9 does not go with 78 bytes"
    assert reason(frames.split, b"12345", 78) == "message of 5 bytes is not whole frames of 78"


def test_a_message_splits_into_whole_frames_only():
    routine = bytes([frames.VERSION, frames.ROUTINE]) + GOLDEN_UP[2:]
    two = GOLDEN_UP + routine
    assert frames.split(two, frames.UP_BYTES) == [GOLDEN_UP, routine]
    for n in (0, 1, frames.UP_BYTES - 1, frames.UP_BYTES + 1):
        assert fault(frames.split, two[:n], frames.UP_BYTES) == "peer", n
