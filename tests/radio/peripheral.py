# ruff: noqa: PTH123 (MicroPython has no pathlib)
# A small pendant for the radio's own tests: it needs nothing but the standard `bluetooth` API of MicroPython.
#
# What a test writes to COMMAND decides what it does: "n" + payload: notify the payload; "a": notify 250 bytes, which is
# more than fits; "f" + count: notify that many times without a pause and report the errors; "d" + count: the same
# 200 ms later; "u" + payload: set the value, subscribers are told; "i": indicate; "p": ask for
# pairing; "g": end the link; "w": advertise beside it; "o": switch BLE off and on again; "x": raise in the handler.
# Reports are printed, one line each.
import asyncio
import os

import bluetooth

SERVICE = bluetooth.UUID("6d1a0001-9a2b-4c53-8f7e-57a7c4b0d001")
UP = (bluetooth.UUID("6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_READ | bluetooth.FLAG_NOTIFY)
COMMAND = (bluetooth.UUID("6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_WRITE)
SHORT = (bluetooth.UUID("6d1a0004-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_WRITE)
SECRET = (bluetooth.UUID("6d1a0005-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_READ | 0x0200)

ble = bluetooth.BLE()
handles = {}
links = []
commands = []
kept = []
bonds_path = os.getenv("TEST_BONDS")
bonds = {}


def advertise():
    ble.gap_advertise(50000, b"\x02\x01\x06\x11\x07" + bytes(SERVICE), resp_data=b"\x08\x09PENDANT")


def on_secret(event, values):
    index_or_key, key = values[1], values[-1]
    if event == 29:
        if key is None:
            found = list(bonds.values())
            return found[index_or_key] if index_or_key < len(found) else None
        return bonds.get(bytes(key))
    if key is None:
        return bonds.pop(bytes(index_or_key), None) is not None
    bonds[bytes(index_or_key)] = bytes(key)
    if bonds_path:
        with open(bonds_path, "wb") as file:
            file.write(bytes(index_or_key) + bytes(key))
    return True


def on_event(event, values):
    if event == 1:
        links.append(values[0])
        kept.append(values[2])  # a view that outlives its handler: wrong on purpose
        print("connected")
    elif event == 2:
        links.remove(values[0])
        print("disconnected")
        advertise()
    elif event == 3:
        on_write(values[1])
    elif event == 20:
        print("confirmed", values[2])
    elif event == 21:
        print("mtu", values[1])
    elif event == 28:
        print("encrypted", values[1])
    elif event in (29, 30):
        return on_secret(event, values)


def on_write(handle):
    content = bytes(ble.gatts_read(handle))
    if handle == handles["short"]:
        print("short", len(content))
    elif content == b"x":
        raise ValueError("a bug in the handler")
    else:
        commands.append(content)


def advertise_again():
    try:
        advertise()
    except OSError as error:
        return error.errno
    return 0


def flood(count, name="flood"):
    errors = []
    for _ in range(count):
        try:
            ble.gatts_notify(links[0], handles["up"], bytes(60))
        except OSError as error:
            errors.append(error.errno)
    print(name, len(errors), errors[0] if errors else 0)


def start():
    ble.irq(on_event)
    ble.active(True)
    ble.config(gap_name="PENDANT", mtu=247, bond=True, le_secure=True, io=3)
    ((up, command, short, secret),) = ble.gatts_register_services(((SERVICE, (UP, COMMAND, SHORT, SECRET)),))
    handles.update({"up": up, "command": command, "short": short, "secret": secret})
    ble.gatts_set_buffer(command, 244)
    ble.gatts_write(secret, b"word")
    try:
        ble.gap_advertise(50000, bytes(32))
    except OSError as error:
        print("long advert", error.errno)
    try:
        ble.config(io=1)
    except OSError as error:
        print("passkeys", error.errno)
    try:
        ble.gatts_notify(9, up, b"")
    except OSError as error:
        print("notify nobody", error.errno)
    advertise()


async def main():
    if bonds_path:
        try:
            with open(bonds_path, "rb") as file:
                line = file.read()
            bonds[line[:6]] = line[6:]
        except OSError:
            print("no bonds")
    start()
    print("up")
    rounds = 0
    while True:
        await asyncio.sleep_ms(2)
        rounds += 1
        if rounds % 100 == 0:
            print("still running")
        while kept:
            print("view", bytes(kept.pop()))
        while commands:
            command = commands.pop(0)
            if command[:1] == b"n":
                ble.gatts_notify(links[0], handles["up"], command[1:])
            elif command[:1] == b"f":
                flood(int(command[1:]))
            elif command[:1] == b"u":
                ble.gatts_write(handles["up"], command[1:], True)
            elif command == b"i":
                ble.gatts_indicate(links[0], handles["up"], b"indicated")
            elif command == b"p":
                ble.gap_pair(links[0])
            elif command == b"w":
                print("advertises again", advertise_again())
            elif command == b"g":
                ble.gap_disconnect(links[0])
            elif command == b"o":
                ble.active(False)
                await asyncio.sleep_ms(100)
                start()
            elif command[:1] == b"d":
                await asyncio.sleep_ms(200)
                flood(int(command[1:]), "late flood")
            elif command[:1] == b"a":
                ble.gatts_notify(links[0], handles["up"], bytes(range(250)))


asyncio.run(main())
