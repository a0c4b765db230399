"""One suite for both `bluetooth` modules: in memory, and before Bumble. What the pendant relies on, traps included."""

from pathlib import Path

from phones import Phone
from watchword_core.frames import DOWN_BYTES, UP_BYTES
from watchword_sim.firmware_process import Firmware
from watchword_sim.outputs import MailSent
from watchword_sim.virtual_board import VirtualBoard
from watchword_sim.virtual_stage import MEMORY_BLUETOOTH

PROGRAM = "contract"
UP = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
COMMAND = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"
SHORT = "6d1a0004-9a2b-4c53-8f7e-57a7c4b0d001"
LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
ENOMEM, EBUSY, ENODEV, EINVAL, ENOTCONN, EALREADY = 12, 16, 19, 22, 107, 114


def test_what_cannot_be_done_is_refused_with_the_boards_own_numbers(phone: Phone) -> None:
    assert phone.says("inactive") == f"{ENODEV} {ENODEV}"
    assert phone.says("config") == f"{EINVAL} ValueError"
    assert phone.says("nobody") == f"{ENOTCONN} False"
    assert phone.says("no handle") == f"{EINVAL} {EINVAL}"
    assert phone.says("long advert") == "-18"
    assert phone.says("advertising") == str(EBUSY)


def test_frames_go_both_ways_whole_and_in_order(phone: Phone) -> None:
    phone.connect()
    assert phone.says("connected") == ""
    assert phone.says("mtu") == "247"
    phone.subscribe(UP)
    for number in range(5):
        phone.write(COMMAND, b"n" + bytes([number]) * (DOWN_BYTES - 1))
    phone.hears(5)
    assert [(len(content), content[0]) for content in phone.heard] == [(DOWN_BYTES - 1, number) for number in range(5)]
    assert DOWN_BYTES > UP_BYTES


def test_notify_longer_than_the_mtu__cut_to_mtu_less_3(phone: Phone) -> None:
    phone.connect()
    phone.subscribe(UP)
    phone.write(COMMAND, b"l")
    phone.hears(1)
    assert phone.heard == [bytes(range(250))[: 247 - 3]]


def test_write_longer_than_the_buffer__cut_to_20_bytes_and_confirmed(phone: Phone) -> None:
    phone.connect()
    phone.write(SHORT, bytes(UP_BYTES))
    assert phone.says("short") == "20"


def test_more_notifications_than_buffers__enomem_and_the_rest_arrive_in_order(phone: Phone) -> None:
    phone.connect()
    phone.subscribe(UP)
    phone.write(COMMAND, b"f200")
    refused, number = phone.says("flood").split()
    assert int(number) == ENOMEM
    taken = 200 - int(refused)
    phone.hears(taken)
    phone.write(COMMAND, b"nthere is room again")
    phone.hears(taken + 1)
    assert len(phone.heard) == taken + 1
    firsts = [content[0] for content in phone.heard[:taken]]
    assert firsts == sorted(firsts)


def test_nobody_subscribed__notify_succeeds_and_nobody_hears_it(phone: Phone) -> None:
    phone.connect()
    phone.write(COMMAND, b"nlost")
    phone.write(COMMAND, b"f1")
    assert phone.says("flood") == "0 0"
    phone.subscribe(UP)
    phone.write(COMMAND, b"nheard")
    phone.hears(1)
    assert phone.heard == [b"heard"]


def test_subscription_ends_with_the_link(phone: Phone) -> None:
    phone.connect()
    phone.subscribe(UP)
    phone.disconnect()
    phone.says("disconnected")
    phone.connect()
    phone.write(COMMAND, b"nlost")
    phone.write(COMMAND, b"ulost")
    phone.write(COMMAND, b"f1")
    phone.says("flood")
    assert phone.heard == []


def test_a_value_is_read_and_its_subscribers_are_told_of_a_new_one(phone: Phone) -> None:
    phone.connect()
    assert phone.read(LEVEL) == b"\x63"
    phone.subscribe(UP)
    phone.write(COMMAND, b"unews")
    phone.hears(1)
    assert phone.heard == [b"news"]
    assert phone.read(UP) == b"news"


def test_link_lost_in_a_blackout__both_sides_notice_and_find_each_other_again(phone: Phone) -> None:
    phone.connect()
    phone.blackout()
    phone.says("disconnected")
    phone.connect()
    phone.subscribe(UP)
    phone.write(COMMAND, b"nback")
    phone.hears(1)


def test_firmware_ends_the_link__it_is_told_as_of_any_other_end(phone: Phone) -> None:
    phone.connect()
    phone.write(COMMAND, b"g")
    assert phone.says("ends") == "True"
    phone.says("disconnected")
    phone.connect()


def test_firmware_ends_the_link_again_while_it_is_ending__refused(phone: Phone) -> None:
    phone.connect()
    phone.write(COMMAND, b"w200")
    phone.blackout()  # the peer can't hear that it ends
    assert phone.says("ends") == f"True {EALREADY}"
    phone.says("disconnected")
    phone.connect()


def test_address_kept_beyond_the_handler__is_poison(phone: Phone) -> None:
    phone.connect()
    assert phone.says("view") == str(b"\xdd" * 6)


def test_handler_raises_once__interrupts_are_over_for_good(phone: Phone) -> None:
    phone.connect()
    phone.subscribe(UP)
    phone.write(COMMAND, b"x")
    phone.write(COMMAND, b"nunheard")
    phone.disconnect()
    assert phone.heard == [] and "disconnected" not in phone.said()


def test_what_is_not_modelled_in_memory_says_so(tmp_path: Path) -> None:
    uses = ("gatts_indicate(1, 1)", "config(addr_mode=2)", "config('mac')")
    lines = ["import bluetooth, simlink, asyncio", "ble = bluetooth.BLE()"]
    for use in uses:
        lines += [
            "try:",
            f"    ble.{use}",
            "except NotImplementedError as e:",
            "    simlink.mailbox_send(str(e).encode())",
        ]
    (tmp_path / "asks.py").write_text("\n".join(lines))
    firmware = Firmware(folders=(tmp_path,), module="asks", overlays=(MEMORY_BLUETOOTH,))
    with VirtualBoard(tmp_path / "board", firmware=firmware) as board:
        board.run_until(1_000)
        said = [output.frame for output in board.log.kept if isinstance(output, MailSent)]
    assert len(said) == len(uses) and all(b"doesn't model" in line for line in said)
