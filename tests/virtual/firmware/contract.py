"""What the pendant asks of `bluetooth`, asked of whichever module of that name is there; says by mail what came of it.

What a phone writes to COMMAND decides: "n" + content: notify it; "f" + count: notify so often without a pause; "l":
notify more than fits; "u" + content: set UP's value, subscribers are told; "g": end the link; "w" + ms: wait,
then end it twice; "x": raise.
"""

import asyncio
import time

import bluetooth
import simlink
from watchword_core.frames import DOWN_BYTES

SERVICE = "6d1a0001-9a2b-4c53-8f7e-57a7c4b0d001"
UP = (bluetooth.UUID("6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_READ | bluetooth.FLAG_NOTIFY)
COMMAND = (bluetooth.UUID("6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_WRITE)
SHORT = (bluetooth.UUID("6d1a0004-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_WRITE)
LEVEL = (bluetooth.UUID(0x2A19), bluetooth.FLAG_READ | bluetooth.FLAG_NOTIFY)
ADVERT = b"\x02\x01\x06\x11\x07" + bytes(
    reversed([int(SERVICE.replace("-", "")[i : i + 2], 16) for i in range(0, 32, 2)])
)

ble = bluetooth.BLE()
links = []
views = []
commands = []


def say(*words):
    simlink.mailbox_send(" ".join([str(word) for word in words]).encode())


def trouble(call, *arguments, **named):
    """The errno, or the exception's name, or what came back."""
    try:
        return call(*arguments, **named)
    except OSError as error:
        return error.errno
    except Exception as error:  # noqa: BLE001
        return type(error).__name__


def advertise():
    ble.gap_advertise(50000, ADVERT)


def on_event(event, values):
    if event == 1:
        links.append(values[0])
        views.append(values[2])  # outlives its handler: wrong on purpose
        say("connected")
    elif event == 2:
        links.remove(values[0])
        say("disconnected")
        advertise()
    elif event == 3:
        written(values[1])
    elif event == 21:
        say("mtu", values[1])


def written(handle):
    content = bytes(ble.gatts_read(handle))
    if handle == short:
        say("short", len(content))
    elif content == b"x":
        raise ValueError("a bug in the handler")
    else:
        commands.append(content)


def flood(count):
    errors = []
    for number in range(count):
        error = trouble(ble.gatts_notify, links[0], up, bytes([number]) + bytes(59))
        if error is not None:
            errors.append(error)
    say("flood", len(errors), errors[0] if errors else 0)


def obey(command):
    kind, rest = command[:1], command[1:]
    if kind == b"n":
        ble.gatts_notify(links[0], up, rest)
    elif kind == b"f":
        flood(int(rest))
    elif kind == b"l":
        ble.gatts_notify(links[0], up, bytes(range(250)))
    elif kind == b"u":
        ble.gatts_write(up, rest, True)
    elif kind == b"g":
        say("ends", trouble(ble.gap_disconnect, links[0]))
    elif kind == b"w":
        time.sleep_ms(int(rest))  # nothing else may come between
        say("ends", trouble(ble.gap_disconnect, links[0]), trouble(ble.gap_disconnect, links[0]))


say("inactive", trouble(ble.gatts_notify, 1, 1, b""), trouble(ble.gap_advertise, 50000, ADVERT))


async def main():
    ble.active(True)
    ble.config(mtu=247, gap_name="pendant")
    say("config", trouble(ble.config, mtu=600), trouble(ble.config, nonsense=1))
    ble.irq(on_event)
    global up, short
    (up, command, short), (level,) = ble.gatts_register_services(
        ((bluetooth.UUID(SERVICE), (UP, COMMAND, SHORT)), (bluetooth.UUID(0x180F), (LEVEL,)))
    )
    ble.gatts_set_buffer(command, DOWN_BYTES)
    ble.gatts_write(level, b"\x63")
    say("nobody", trouble(ble.gatts_notify, 9, up, b""), trouble(ble.gap_disconnect, 9))
    say("no handle", trouble(ble.gatts_read, 999), trouble(ble.gatts_write, 999, b""))
    say("long advert", trouble(ble.gap_advertise, 50000, bytes(32)))
    advertise()
    say("advertising", trouble(ble.gatts_register_services, ()))
    while True:
        await asyncio.sleep_ms(5)
        while views:
            say("view", bytes(views.pop()))
        while commands:
            obey(commands.pop(0))


asyncio.run(main())
