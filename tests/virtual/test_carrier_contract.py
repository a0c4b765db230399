"""The pendant's radio.py on both airs: it carries and says the same."""

from contextlib import closing
from pathlib import Path

from phones import MemoryPhone, Phone
from watchword_core.frames import DOWN_BYTES, UP_BYTES, read_header

PROGRAM = "carrier"
UP = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
ALERT_LEVEL = "00002a06-0000-1000-8000-00805f9b34fb"
DOWN = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"


def test_whole_frames_both_ways_in_order_between_linked_and_not(phone: Phone) -> None:
    phone.connect()
    phone.subscribe(UP)
    for number in range(1, 6):
        phone.write(DOWN, bytes(DOWN_BYTES - 1) + bytes([number]))
        phone.hears(number)
    phone.disconnect()
    phone.says("linked 0")
    assert [read_header(frame).pendant for frame in phone.heard] == [1, 2, 3, 4, 5]
    assert {len(frame) for frame in phone.heard} == {UP_BYTES}
    assert phone.said() == ["linked 1", *[f"received {DOWN_BYTES} {n}" for n in range(1, 6)], "linked 0"]


def test_lost_and_found_again__linked_is_said_each_time(phone: Phone) -> None:
    phone.connect()
    phone.says("linked 1")
    phone.blackout()
    phone.says("linked 0")
    phone.connect()
    phone.says("linked 1")


def test_lost_after_its_carrier_asked_to_be_missed__so_it_is_said_once(phone: Phone) -> None:
    phone.connect()
    phone.says("linked 1")
    phone.write(DOWN, bytes(DOWN_BYTES))
    phone.write(ALERT_LEVEL, b"\x01")
    assert phone.read(ALERT_LEVEL) == b"\x01"
    phone.blackout()
    assert phone.says("linked 0") == "missed"
    phone.connect()
    phone.says("linked 1")
    phone.write(DOWN, bytes(DOWN_BYTES))
    assert phone.read(ALERT_LEVEL) == b"\x00"  # each link sets its own
    phone.disconnect()
    assert phone.says("linked 0") == ""


def test_a_strangers_alert_level__nobody_misses_it(phone: Phone) -> None:
    phone.connect()
    phone.write(ALERT_LEVEL, b"\x02")
    phone.disconnect()
    assert phone.says("linked 0") == ""


def test_the_handler_is_given_what_it_cannot_use__it_is_counted_and_goes_on(phone: Phone) -> None:
    phone.connect()
    phone.write(DOWN, bytes(DOWN_BYTES - 1) + b"\xee")
    assert phone.says("handler failed") == "3"  # the fourth is a value of somebody else
    phone.write(DOWN, bytes(DOWN_BYTES - 1) + b"\x01")
    phone.says("received")


def test_a_stranger_out_of_range_is_asked_to_end_again_and_again__the_radio_goes_on(tmp_path: Path) -> None:
    with closing(MemoryPhone(tmp_path, PROGRAM)) as phone:
        phone.supervised_for(6_000)  # the pendant asks after 2 s and after 4 s
        phone.connect()
        phone.blackout()
        phone.connect()
        phone.write(DOWN, bytes(DOWN_BYTES - 1) + b"\x01")
        phone.says("received")
