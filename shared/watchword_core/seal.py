"""AES-SIV, RFC 5297: the seal on every frame. Deterministic, so that a repeated nonce costs nothing.

The cipher is passed in: `aes(key, mode)` and `aes(key, mode, iv)` as MicroPython's `cryptolib.aes` takes them, mode 1
ECB and 2 CBC. The hub uses a library's AES-SIV in service, with this interface.
"""

ECB = 1
CBC = 2
KEY_BYTES = 32  # two AES-128 keys: the first for S2V, the second for CTR (RFC 5297 section 2.2)
TAG_BYTES = 16

_ZERO = bytes(16)
_CLEAR = (1 << 128) - 1 - (1 << 63) - (1 << 31)  # RFC 5297 section 2.6: Q = V and this


class SealError(Exception):
    """The sealed bytes are not what the key's holder sealed: forged, damaged, or under another key."""


def _double(block):
    """RFC 5297 section 2.3: multiply by x in GF(2^128)."""
    n = int.from_bytes(block, "big") << 1
    if n >> 128:
        n = (n & ((1 << 128) - 1)) ^ 0x87
    return n.to_bytes(16, "big")


def _xor(a, b):
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(16, "big")


class Siv:
    """Seals and opens with one 32-byte key; `seal(header, body)` gives tag + ciphertext, `open` its inverse."""

    def __init__(self, key, aes):
        if len(key) != KEY_BYTES:
            raise ValueError("AES-SIV key has %d bytes; it needs %d" % (len(key), KEY_BYTES))
        self._mac_key = key[:16]
        self._aes = aes
        self._ctr = aes(key[16:], ECB)
        self._k1 = _double(aes(self._mac_key, ECB).encrypt(_ZERO))
        self._k2 = _double(self._k1)
        self._zero_doubled = _double(self._cmac(_ZERO))

    def _cmac(self, data):
        """RFC 4493, as one CBC run from a zero vector."""
        whole = (len(data) - 1) // 16 * 16 if data else 0
        last = data[whole:]
        if len(last) == 16:
            last = _xor(last, self._k1)
        else:
            last = _xor(last + b"\x80" + bytes(15 - len(last)), self._k2)
        return self._aes(self._mac_key, CBC, _ZERO).encrypt(data[:whole] + last)[-16:]

    def _s2v(self, header, body):
        """RFC 5297 section 2.4 for one string of associated data and the body."""
        d = _xor(self._zero_doubled, self._cmac(header))
        if len(body) >= 16:
            return self._cmac(body[:-16] + _xor(body[-16:], d))
        return self._cmac(_xor(_double(d), body + b"\x80" + bytes(15 - len(body))))

    def _stream(self, tag, body):
        q = int.from_bytes(tag, "big") & _CLEAR
        n = len(body)
        blocks = b"".join([(q + i).to_bytes(16, "big") for i in range((n + 15) // 16)])
        pad = self._ctr.encrypt(blocks)[:n]
        return (int.from_bytes(pad, "big") ^ int.from_bytes(body, "big")).to_bytes(n, "big")

    def seal(self, header, body):
        """Tag (16 bytes) and ciphertext of `body` (not empty), bound to `header`, which stays clear."""
        tag = self._s2v(header, body)
        return tag + self._stream(tag, body)

    def open(self, header, sealed):
        """The body; raises SealError unless both `header` and `sealed` are to the bit what `seal` gave."""
        if len(sealed) <= TAG_BYTES:
            raise SealError("sealed part has %d bytes; it needs more than %d" % (len(sealed), TAG_BYTES))
        tag = sealed[:TAG_BYTES]
        body = self._stream(tag, sealed[TAG_BYTES:])
        # Compared as whole integers: Python gives no constant-time compare on the board, and an attacker at the
        # radio sees no timing finer than a connection interval.
        if int.from_bytes(self._s2v(header, body), "big") != int.from_bytes(tag, "big"):
            raise SealError("seal does not match")
        return body
