"""AES-SIV against RFC 5297's own numbers, and what it must refuse."""

from aes import aes
from watchword_core.seal import KEY_BYTES, TAG_BYTES, SealError, Siv

NEEDS = ("cryptolib",)

# RFC 5297, appendix A.1
KEY = bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
HEADER = bytes.fromhex("101112131415161718191a1b1c1d1e1f2021222324252627")
BODY = bytes.fromhex("112233445566778899aabbccddee")
SEALED = bytes.fromhex("85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c")


def refused(siv, header, sealed):
    """What the refusal says; empty: it was opened."""
    try:
        siv.open(header, sealed)
    except SealError as e:
        return str(e)
    return ""


def test_seals_as_rfc_5297_a1():
    assert Siv(KEY, aes).seal(HEADER, BODY) == SEALED


def test_opens_as_rfc_5297_a1():
    assert Siv(KEY, aes).open(HEADER, SEALED) == BODY


def test_every_length_of_body_comes_back():
    siv = Siv(KEY, aes)
    for n in range(1, 70):
        body = bytes([(i * 7 + n) & 0xFF for i in range(n)])
        sealed = siv.seal(HEADER, body)
        assert len(sealed) == TAG_BYTES + n
        assert siv.open(HEADER, sealed) == body


def test_every_length_of_header_comes_back():
    siv = Siv(KEY, aes)
    for n in range(0, 40):
        header = bytes(range(n))
        assert siv.open(header, siv.seal(header, BODY)) == BODY


def test_every_flipped_bit_is_refused():
    siv = Siv(KEY, aes)
    for i in range(len(SEALED) * 8):
        damaged = bytearray(SEALED)
        damaged[i // 8] ^= 1 << (i % 8)
        assert refused(siv, HEADER, bytes(damaged)), i
    for i in range(len(HEADER) * 8):
        damaged = bytearray(HEADER)
        damaged[i // 8] ^= 1 << (i % 8)
        assert refused(siv, bytes(damaged), SEALED), i


def test_every_truncation_is_refused():
    siv = Siv(KEY, aes)
    for n in range(len(SEALED)):
        few = "sealed part has %d bytes; it needs more than 16" % n
        assert refused(siv, HEADER, SEALED[:n]) == (few if n <= TAG_BYTES else "seal does not match"), n


def test_another_key_is_refused():
    other = bytes([KEY[0] ^ 1]) + KEY[1:]
    assert refused(Siv(other, aes), HEADER, SEALED)
    other = KEY[:-1] + bytes([KEY[-1] ^ 1])
    assert refused(Siv(other, aes), HEADER, SEALED)


def test_a_counter_that_carries_past_64_bits_comes_back():
    # The counter adds to all 128 bits (RFC 5297 section 2.5); bodies of many blocks are where a short one would show.
    siv = Siv(KEY, aes)
    body = bytes(4096)
    assert siv.open(b"", siv.seal(b"", body)) == body


def test_a_key_of_another_length_is_our_error():
    for n in (0, 16, KEY_BYTES - 1, KEY_BYTES + 1, 48):
        try:
            Siv(bytes(n), aes)
        except ValueError as e:
            assert str(e) == "AES-SIV key has %d bytes; it needs 32" % n
        else:
            raise AssertionError("a key of %d bytes was taken" % n)
