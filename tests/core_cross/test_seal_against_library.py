"""The core's AES-SIV against an independent one: whatever either seals, the other opens to the same bytes."""

import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st
from watchword_core.seal import KEY_BYTES, SealError, Siv

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core"))
from aes import aes

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
headers = st.binary(max_size=64)
bodies = st.binary(min_size=1, max_size=300)


@given(keys, headers, bodies)
def test_both_seal_to_the_same_bytes(key: bytes, header: bytes, body: bytes) -> None:
    assert Siv(key, aes).seal(header, body) == AESSIV(key).encrypt(body, [header])


@given(keys, headers, bodies)
def test_core_opens_what_the_library_sealed(key: bytes, header: bytes, body: bytes) -> None:
    assert Siv(key, aes).open(header, AESSIV(key).encrypt(body, [header])) == body


@given(keys, headers, st.binary(min_size=17, max_size=100))
def test_neither_opens_chance_bytes(key: bytes, header: bytes, sealed: bytes) -> None:
    with pytest.raises(SealError):
        Siv(key, aes).open(header, sealed)
    with pytest.raises(InvalidTag):
        AESSIV(key).decrypt(sealed, [header])
