"""Which pendant a DOWN frame goes to, and what waits for one out of range."""

from watchword_bridge.down import ADDRESSES_PER_PENDANT, HELD_FRAMES, MAX_ADDRESSES, MAX_PENDANTS, DownQueue

ANA, DEV = 7, 8


def drain(queue: DownQueue, address: str) -> list[bytes]:
    frames = []
    while (frame := queue.take(address)) is not None:
        frames.append(frame)
    return frames


def test_a_frame_goes_to_its_own_pendant() -> None:
    queue = DownQueue()
    queue.heard(ANA, "ana")
    queue.heard(DEV, "dev")
    assert queue.put(ANA, b"for ana") == ["ana"]
    assert drain(queue, "dev") == []
    assert drain(queue, "ana") == [b"for ana"]


def test_a_pendant_not_heard_yet_gets_it_with_its_first_frame() -> None:
    queue = DownQueue()
    assert queue.put(ANA, b"early") == []
    assert queue.heard(ANA, "ana") is True
    assert queue.heard(ANA, "ana") is False
    assert drain(queue, "ana") == [b"early"]


def test_out_of_range__the_newest_wait_oldest_first_and_the_rest_is_counted() -> None:
    queue = DownQueue()
    queue.heard(ANA, "ana")
    frames = [b"%d" % i for i in range(HELD_FRAMES + 3)]
    for frame in frames:
        queue.put(ANA, frame)
    assert drain(queue, "ana") == frames[3:]
    assert queue.counters["down_dropped"] == 3


def test_a_write_that_failed_is_first_again() -> None:
    queue = DownQueue()
    queue.heard(ANA, "ana")
    queue.put(ANA, b"1")
    queue.put(ANA, b"2")
    queue.put_back("ana", queue.take("ana") or b"")
    assert drain(queue, "ana") == [b"1", b"2"]


def test_somebody_claims_to_be_the_pendant__it_still_gets_its_frames() -> None:
    queue = DownQueue()
    queue.heard(ANA, "ana")
    queue.heard(ANA, "mallory")
    queue.put(ANA, b"sealed")
    assert drain(queue, "ana") == [b"sealed"]


def test_everything_is_bounded() -> None:
    queue = DownQueue()
    for i in range(MAX_ADDRESSES + 10):
        queue.heard(ANA, f"address {i}")
        queue.heard(i, "flood")
        queue.put(1000 + i, b"nobody")
    assert len(queue.put(ANA, b"x")) <= ADDRESSES_PER_PENDANT
    assert len(queue._at) <= MAX_ADDRESSES
    assert len(queue._claims) <= MAX_PENDANTS
    assert len(queue._homeless) <= MAX_PENDANTS
    assert queue.counters["forgotten"] > 0
