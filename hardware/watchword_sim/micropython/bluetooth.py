# The `bluetooth` module for MicroPython's unix port: BLE calls go to the simulated radio (watchword_sim/radio).
#
# Environment: WW_BLE "host:port" of the radio's firmware port, WW_BLE_ADDR the device's address. Two sockets: blocking
# commands, and interrupts, which an asyncio task brings to the handler between other tasks (on the board they come
# between bytecodes). See firmware_port.py for the lines they speak.

import asyncio
import binascii
import json
import os
import socket
import sys

FLAG_READ = 0x0002
FLAG_WRITE_NO_RESPONSE = 0x0004
FLAG_WRITE = 0x0008
FLAG_NOTIFY = 0x0010
FLAG_INDICATE = 0x0020

_DEFAULT_ADDRESS = "C0:FF:EE:00:00:01"
_MAX_ADVERT_BYTES = 31
_ADVERT_TOO_LONG = -18  # NimBLE's raw code, as it comes through on the board
_POISON = 0xDD
_SETTINGS = ("mtu", "gap_name", "bond", "mitm", "io", "le_secure", "addr_mode")


def _pack(value):
    if value is None:
        return None
    if isinstance(value, str):
        value = value.encode()
    return "x" + binascii.hexlify(value).decode()


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
            value = value.to_bytes(2, "little")
        elif isinstance(value, str):
            value = bytes(reversed(binascii.unhexlify(value.replace("-", ""))))
        self._bytes = bytes(value)

    # bytes(uuid) goes by these two: a class in Python can't export the buffer protocol as the built-in UUID does
    def __iter__(self):
        return iter(self._bytes)

    def __len__(self):
        return len(self._bytes)

    def __eq__(self, other):
        return isinstance(other, UUID) and self._bytes == other._bytes

    def __hash__(self):
        return hash(self._bytes)

    def __repr__(self):
        h = binascii.hexlify(bytes(reversed(self._bytes))).decode()
        if len(h) == 4:
            return "UUID(0x%s)" % h
        return "UUID('%s-%s-%s-%s-%s')" % (h[:8], h[8:12], h[12:16], h[16:20], h[20:])


class BLE:
    """The one radio of this process."""

    _one = None

    def __new__(cls):
        if cls._one is None:
            cls._one = one = object.__new__(cls)
            one._commands = one._handler = None
            one._settings = {}
        return cls._one

    def __init__(self):
        pass

    def _connect(self):
        radio = os.getenv("WW_BLE")
        if not radio:
            raise RuntimeError("no radio: set WW_BLE to the simulated radio's host:port")
        host, port = radio.split(":")
        where = socket.getaddrinfo(host, int(port))[0][-1]
        self._commands = self._open(where, ["commands", os.getenv("WW_BLE_ADDR") or _DEFAULT_ADDRESS])
        interrupts = self._open(where, ["events", json.loads(self._commands.readline())[1]])
        self._task = asyncio.create_task(self._pump(interrupts))

    def _open(self, where, hello):
        link = socket.socket()
        link.connect(where)
        link.setsockopt(6, 1, 1)  # TCP_NODELAY
        link.write(json.dumps(hello) + "\n")
        return link

    def _call(self, *call):
        if self._commands is None:
            raise OSError(19)  # ENODEV
        self._commands.write(json.dumps(call) + "\n")
        line = self._commands.readline()
        if not line:
            raise OSError(19)
        error, result = json.loads(line)
        if error:
            raise OSError(error)
        return result

    async def _pump(self, link):
        link.setblocking(False)
        reader = asyncio.StreamReader(link)
        while True:
            line = await reader.readline()
            if not line:
                return
            event, values, question = json.loads(line)
            answer = self._interrupt(event, values)
            if question is not None:
                if isinstance(answer, (bytes, bytearray, memoryview)):
                    answer = _pack(answer)
                # by the commands' socket, so that it comes before whatever the firmware calls next
                self._commands.write(json.dumps(["answer", question, answer]) + "\n")

    def _interrupt(self, event, values):
        lent = []
        for i, value in enumerate(values):
            if isinstance(value, str):
                lent.append(bytearray(binascii.unhexlify(value[1:])))
                values[i] = memoryview(lent[-1])
        answer = None
        if self._handler is not None:
            try:
                answer = self._handler(event, tuple(values))
                if isinstance(answer, memoryview):
                    answer = bytes(answer)
            except Exception as error:  # noqa: BLE001
                # as the real port does: the first uncaught exception ends all interrupts for good
                self._handler = None
                print("Unhandled exception in IRQ callback handler")
                sys.print_exception(error)
        # On the board such a view points into freed memory once the handler has returned.
        for buffer in lent:
            for i in range(len(buffer)):
                buffer[i] = _POISON
        return answer

    def active(self, on=None):
        if on is None:
            return self._commands is not None and self._call("active", None)
        if on and self._commands is None:
            self._connect()
            self._call("config", self._settings)
        if self._commands is not None:
            self._call("active", bool(on))
        return bool(on)

    def irq(self, handler):
        self._handler = handler

    def config(self, *name, **settings):
        if name:
            return self._setting(name[0])
        for key in settings:
            if key not in _SETTINGS:
                raise ValueError("unknown config param")
            if key == "mtu" and not 23 <= settings[key] <= 517:
                raise OSError(22)  # EINVAL
            if key == "gap_name" and not isinstance(settings[key], str):
                settings[key] = bytes(settings[key]).decode()
            self._settings[key] = settings[key]
        if self._commands is not None:
            self._call("config", settings)

    def _setting(self, name):
        if name == "mac":
            kind, address = self._call("mac")
            return kind, binascii.unhexlify(address[1:])
        if name == "mtu":
            return self._settings.get("mtu", 256)
        if name == "gap_name":
            return self._settings.get("gap_name", "MPY NIMBLE").encode()
        raise ValueError("unknown config param")

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        for part in (adv_data, resp_data):
            if part is not None and len(part) > _MAX_ADVERT_BYTES:
                raise OSError(_ADVERT_TOO_LONG)
        self._call("advertise", interval_us, _pack(adv_data), _pack(resp_data), connectable)

    def gatts_register_services(self, services):
        definitions = []
        for uuid, characteristics in services:
            inner = []
            for c in characteristics:
                descriptors = [[_pack(bytes(d[0])), d[1]] for d in (c[2] if len(c) > 2 else ())]
                inner.append([_pack(bytes(c[0])), c[1], descriptors])
            definitions.append([_pack(bytes(uuid)), inner])
        return tuple([tuple(handles) for handles in self._call("register", definitions)])

    def gatts_read(self, handle):
        return binascii.unhexlify(self._call("read", handle)[1:])

    def gatts_write(self, handle, data, send_update=False):
        self._call("write", handle, _pack(data), send_update)
        return len(data)

    def gatts_notify(self, connection, handle, data=None):
        self._call("notify", connection, handle, _pack(data))

    def gatts_indicate(self, connection, handle, data=None):
        self._call("indicate", connection, handle, _pack(data))

    def gatts_set_buffer(self, handle, size, append=False):
        self._call("buffer", handle, size, append)

    def gap_disconnect(self, connection):
        return self._call("disconnect", connection)

    def gap_pair(self, connection):
        self._call("pair", connection)
