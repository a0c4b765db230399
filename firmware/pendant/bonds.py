"""The phones that a technician made known: their secrets, which the Bluetooth stack keeps with us, in one small file.

The stack asks between two steps of the program, so what it asks for is kept in memory. What a secret holds is the
stack's own. Outside of a technician's mode nothing here changes: NimBLE has a phone's secrets deleted when somebody
with that phone's address wants to pair anew, and asks again until they are gone, so they are hidden from it until that
link is over.
"""

import binascii
import struct

FILE = "bonds"
MODE_FILE = "pairing"  # a technician leaves it; gone once it was read
MODE_MS = 120_000
MAX_PHONES = 4
MAX_SECRETS = 2 * MAX_PHONES  # NimBLE keeps two a phone: ours and the peer's
MAX_SECRET_BYTES = 512
_HEAD = ">BBH"  # type, bytes of key, bytes of value
_CRC = ">I"


class Bonds:
    """`allow` opens the technician's mode, which the first new phone ends."""

    def __init__(self, stored=None):
        self.making = False
        self.counts = {}
        self._secrets = _read(stored)  # [type, key, value], oldest first
        self._hidden = []
        self._changed = False
        if stored is not None and not self._secrets:
            self._count("unreadable bonds")

    def known(self):
        """Whether any phone is."""
        return bool(self._secrets)

    def allow(self, making):
        """Whether a new phone may be made known now."""
        self.making = making

    def changed(self):
        """The file's new content, once after each change, or None."""
        if not self._changed:
            return None
        self._changed = False
        body = b"".join([struct.pack(_HEAD, t, len(k), len(v)) + k + v for t, k, v in self._secrets])
        return body + struct.pack(_CRC, binascii.crc32(body) & 0xFFFFFFFF)

    # -- what the stack asks for; must not raise

    def get(self, kind, index, key):
        """The secret of this kind and key, or with key None the index-th of the kind; None when there is none."""
        for secret in self._secrets:
            if secret[0] != kind or secret[1] in self._hidden:
                continue
            if key is None and index > 0:
                index -= 1
            elif key is None or secret[1] == key:
                return secret[2]
        return None

    def put(self, kind, key, value):
        """Keeps a secret, or with value None forgets it; whether that was done, as far as the stack is concerned."""
        if value is None:
            return self._forget(kind, key)
        if not self.making or len(value) > MAX_SECRET_BYTES:
            self._count("bonds refused")
            return False
        self._forget(kind, key)
        self._secrets.append([kind, key, value])
        while len(self._secrets) > MAX_SECRETS:
            self._secrets.pop(0)
            self._count("phones forgotten")
        self._changed = True
        return True

    def link_ended(self):
        """What was hidden from the stack may be asked for again."""
        self._hidden = []

    def _forget(self, kind, key):
        found = [secret for secret in self._secrets if secret[0] == kind and secret[1] == key]
        if not found or key in self._hidden:
            return False
        if self.making:
            self._secrets.remove(found[0])
            self._changed = True
        else:
            self._hidden.append(key)
            self._count("bonds hidden")
        return True

    def _count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1


def mode_left(flash, log):
    """Whether a technician left word to make a phone known, for this once."""
    if flash.read(MODE_FILE) is None:
        return False
    try:
        flash.remove(MODE_FILE)
    except OSError as e:  # then it would be so after each start, and is never
        log.say("flash does not take it:", e, "- hand this pendant to a technician")
        return False
    log.say("a new phone is made known within", MODE_MS // 1000, "s")
    return True


def _read(stored):
    """The secrets in a file; none when it is not whole."""
    if stored is None or len(stored) < 4:
        return []
    body, at, found = stored[:-4], 0, []
    if struct.unpack(_CRC, stored[-4:])[0] != binascii.crc32(body) & 0xFFFFFFFF:
        return []
    while at < len(body):
        kind, key_bytes, value_bytes = struct.unpack_from(_HEAD, body, at)
        at += struct.calcsize(_HEAD)
        found.append([kind, body[at : at + key_bytes], body[at + key_bytes : at + key_bytes + value_bytes]])
        at += key_bytes + value_bytes
    return found
