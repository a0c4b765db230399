"""The `bluetooth` module of the simulated board in virtual time: its air is watchword_sim.memory_radio.

Put before the simulator's own modules it takes the place of the one that speaks to Bumble, and keeps the same contract
(tests/virtual/test_bluetooth_contract.py), NimBLE's traps included. What the pendant doesn't use is not modelled, and
raises NotImplementedError. The phone of this air never pairs: it leaves a security request unanswered.
"""

import asyncio
import binascii
import json
import struct
import sys

import memwire
import simlink

FLAG_READ = 0x0002
FLAG_WRITE_NO_RESPONSE = 0x0004
FLAG_WRITE = 0x0008
FLAG_NOTIFY = 0x0010
FLAG_INDICATE = 0x0020

_MODELLED_FLAGS = FLAG_READ | FLAG_WRITE | FLAG_NOTIFY
_MAX_ADVERT_BYTES = 31
_ADVERT_TOO_LONG = -18  # NimBLE's raw code, as it comes through on the board
_ENOMEM, _EBUSY, _ENODEV, _EINVAL, _ENOTCONN, _EALREADY = 12, 16, 19, 22, 107, 114
_NOTIFY_POOL = 24  # notifications in the stack's buffers before it says ENOMEM
_DEFAULT_BUFFER_BYTES = 20
_FIRST_HANDLE = 16
_POISON = 0xDD
_PUBLIC = 0
_PAIRING_SETTINGS = ("bond", "mitm", "io", "le_secure")
_UNMODELLED_SETTINGS = ("addr_mode", "rxbuf")

_CENTRAL_CONNECT, _CENTRAL_DISCONNECT, _GATTS_WRITE, _GATTS_READ_REQUEST, _MTU_EXCHANGED = 1, 2, 3, 4, 21


def _unmodelled(what):
    raise NotImplementedError("bluetooth in memory doesn't model %s: model it there, or don't use it" % what)


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
            value = value.to_bytes(2, "little")
        elif isinstance(value, str):
            value = bytes(reversed(binascii.unhexlify(value.replace("-", ""))))
        self.hex = binascii.hexlify(bytes(value)).decode()

    def __eq__(self, other):
        return isinstance(other, UUID) and self.hex == other.hex

    def __hash__(self):
        return hash(self.hex)


class _Value:
    """What stands behind one value handle."""

    def __init__(self, flags):
        self.flags = flags
        self.content = b""
        self.size = _DEFAULT_BUFFER_BYTES


class _Link:
    def __init__(self, phone):
        self.phone = phone  # address, 6 bytes
        self.mtu = memwire.DEFAULT_MTU
        self.ending = False
        self.waiting = 0  # notifications that have not left
        self.subscribed = set()


class BLE:
    """The one radio of this board."""

    _one = None

    def __new__(cls):
        if cls._one is None:
            cls._one = one = object.__new__(cls)
            one._handler = one._task = None
            one._mtu = 256
            one._name = b"MPY NIMBLE"
            one._advertising = False
            one._values = {}
            one._links = {}
        return cls._one

    def __init__(self):
        pass

    # -- settings

    def active(self, on=None):
        if on is not None and not on and self._task is not None:  # nobody says goodbye: the phone learns it by silence
            self._tell(struct.pack(memwire.ADVERT, memwire.ADVERTISE, 0))
            self._task.cancel()
            self._task, self._advertising, self._links = None, False, {}
        if on and self._task is None:
            self._task = asyncio.create_task(self._pump())
        return self._task is not None

    def irq(self, handler):
        self._handler = handler

    def config(self, *name, **settings):
        if name:
            return self._setting(name[0])
        for key in settings:
            if key == "mtu":
                if not 23 <= settings[key] <= 517:
                    raise OSError(_EINVAL)
                self._mtu = settings[key]
            elif key == "gap_name":
                self._name = settings[key].encode() if isinstance(settings[key], str) else bytes(settings[key])
            elif key in _PAIRING_SETTINGS:
                continue
            elif key in _UNMODELLED_SETTINGS:
                _unmodelled("config(%s=...)" % key)
            else:
                raise ValueError("unknown config param")

    def _setting(self, name):
        if name == "mtu":
            return self._mtu
        if name == "gap_name":
            return self._name
        return _unmodelled("config(%r)" % name)

    # -- what the firmware asks

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._must_be_on()
        if resp_data is not None or not connectable or (adv_data is None and interval_us is not None):
            _unmodelled("scan responses, adverts of nobody to connect to, and adverts of before")
        if adv_data is not None and len(adv_data) > _MAX_ADVERT_BYTES:
            raise OSError(_ADVERT_TOO_LONG)
        self._advertising = interval_us is not None
        self._tell(struct.pack(memwire.ADVERT, memwire.ADVERTISE, interval_us or 0) + bytes(adv_data or b""))

    def gap_disconnect(self, connection):
        self._must_be_on()
        if connection not in self._links:
            return False
        if self._links[connection].ending:
            raise OSError(_EALREADY)
        self._links[connection].ending = True
        self._tell(struct.pack(memwire.CONNECTION, memwire.END_LINK, connection))
        return True

    def gatts_register_services(self, services):
        self._must_be_on()
        if self._advertising:
            raise OSError(_EBUSY)
        self._values = {}
        table, handles = [], []
        for uuid, characteristics in services:
            made = [self._add(c) for c in characteristics]
            table.append([uuid.hex, [[c[0].hex, c[1], made[i]] for i, c in enumerate(characteristics)]])
            handles.append(tuple(made))
        self._tell(struct.pack(memwire.HEAD, memwire.TABLE) + json.dumps(table).encode())
        return tuple(handles)

    def _add(self, characteristic):
        if len(characteristic) > 2 or characteristic[1] & ~_MODELLED_FLAGS:
            _unmodelled("descriptors, and flags beyond read, write and notify")
        handle = _FIRST_HANDLE + 3 * len(self._values)
        self._values[handle] = _Value(characteristic[1])
        return handle

    def gatts_read(self, handle):
        return self._value(handle).content

    def gatts_write(self, handle, data, send_update=False):
        value = self._value(handle)
        value.content = bytes(data)
        value.size = max(value.size, len(data))
        if send_update:
            for connection in sorted(self._links):
                if handle in self._links[connection].subscribed:
                    self._notify(connection, handle, value.content)
        return len(data)

    def gatts_set_buffer(self, handle, size, append=False):
        if append:
            _unmodelled("gatts_set_buffer(append=True)")
        value = self._value(handle)
        value.content, value.size = value.content[:size], size

    def gatts_notify(self, connection, handle, data=None):
        self._must_be_on()
        if connection not in self._links:
            raise OSError(_ENOTCONN)
        if self._links[connection].waiting >= _NOTIFY_POOL:
            raise OSError(_ENOMEM)
        self._notify(connection, handle, self._value(handle).content if data is None else bytes(data))

    def gatts_indicate(self, connection, handle, data=None):
        _unmodelled("indications")

    def gap_pair(self, connection):
        self._must_be_on()
        if connection not in self._links:
            raise OSError(_ENOTCONN)

    def _notify(self, connection, handle, content):
        link = self._links[connection]
        link.waiting += 1
        head = struct.pack(memwire.VALUE, memwire.NOTIFY, connection, handle)
        self._tell(head + content[: link.mtu - 3])

    def _must_be_on(self):
        if self._task is None:
            raise OSError(_ENODEV)

    def _value(self, handle):
        self._must_be_on()
        if handle not in self._values:
            raise OSError(_EINVAL)
        return self._values[handle]

    def _tell(self, mail):
        simlink.mailbox_send(mail)

    # -- what the air brings

    async def _pump(self):
        mails = asyncio.StreamReader(simlink.mailbox)
        while True:
            mail = await mails.read(2048)
            _TAKES[mail[0]](self, mail)

    def _connect(self, mail):
        connection = struct.unpack_from(memwire.CONNECTION, mail)[1]
        if not self._advertising:
            return  # the phone heard an advert that is over: nobody answers it
        self._advertising = False
        self._links[connection] = link = _Link(mail[memwire.CONNECTION_BYTES :])
        self._tell(struct.pack(memwire.CONNECTION, memwire.ACCEPTED, connection))
        self._interrupt(_CENTRAL_CONNECT, connection, _PUBLIC, link.phone)

    def _lost(self, mail):
        connection = struct.unpack_from(memwire.CONNECTION, mail)[1]
        if connection in self._links:  # else it was a link of before the reset
            link = self._links.pop(connection)
            self._interrupt(_CENTRAL_DISCONNECT, connection, _PUBLIC, link.phone)

    def _exchange_mtu(self, mail):
        connection, mtu = struct.unpack(memwire.CONNECTION_NUMBER, mail)[1:]
        if connection in self._links:
            self._links[connection].mtu = mtu = min(mtu, self._mtu)
            self._interrupt(_MTU_EXCHANGED, connection, mtu)

    def _written(self, mail):
        connection, handle = struct.unpack_from(memwire.VALUE, mail)[1:]
        if connection in self._links and handle in self._values:
            value = self._values[handle]
            value.content = mail[memwire.VALUE_BYTES :][: value.size]
            self._interrupt(_GATTS_WRITE, connection, handle)
            self._tell(struct.pack(memwire.VALUE, memwire.WRITTEN, connection, handle))

    def _read(self, mail):
        connection, handle = struct.unpack(memwire.VALUE, mail)[1:]
        if connection in self._links and handle in self._values:
            refused = self._interrupt(_GATTS_READ_REQUEST, connection, handle) or 0
            head = struct.pack(memwire.VALUE_STATUS, memwire.READ_DONE, connection, handle, refused)
            self._tell(head + self._values[handle].content)

    def _subscribe(self, mail):
        connection, handle, on = struct.unpack(memwire.VALUE_STATUS, mail)[1:]
        if connection in self._links:
            (self._links[connection].subscribed.add if on else self._links[connection].subscribed.discard)(handle)

    def _sent(self, mail):
        connection, number = struct.unpack(memwire.CONNECTION_NUMBER, mail)[1:]
        if connection in self._links:
            self._links[connection].waiting -= number

    def _interrupt(self, event, *values):
        lent = [bytearray(value) for value in values if isinstance(value, bytes)]
        views = iter(lent)
        given = tuple([memoryview(next(views)) if isinstance(value, bytes) else value for value in values])
        answer = None
        if self._handler is not None:
            try:
                answer = self._handler(event, given)
            except Exception as error:  # noqa: BLE001
                # as the real port does: the first uncaught exception ends all interrupts for good
                self._handler = None
                print("Unhandled exception in IRQ callback handler")
                sys.print_exception(error)
        for buffer in lent:  # on the board such a view points into freed memory once the handler has returned
            for i in range(len(buffer)):
                buffer[i] = _POISON
        return answer


_TAKES = {
    memwire.CONNECT: BLE._connect,
    memwire.LINK_LOST: BLE._lost,
    memwire.WRITE: BLE._written,
    memwire.MTU: BLE._exchange_mtu,
    memwire.SUBSCRIBE: BLE._subscribe,
    memwire.READ: BLE._read,
    memwire.SENT: BLE._sent,
}
