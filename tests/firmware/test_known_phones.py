"""The phones that a technician made known: what the stack may ask for, what is kept, and what nobody can undo."""

from pendant.bonds import MAX_SECRET_BYTES, MAX_SECRETS, MODE_FILE, Bonds, mode_left
from pendant.log import Log

OUR, PEER = 1, 2
BEN, DEV = b"\x01BENBEN", b"\x01DEVDEV"


def made(*keys):
    """Bonds with two secrets for each key, as the stack has them kept."""
    bonds = Bonds()
    bonds.allow(True)
    for key in keys:
        assert bonds.put(PEER, key, b"peer of " + key) and bonds.put(OUR, key, b"ours of " + key)
    bonds.allow(False)
    return bonds


def test_a_phone_made_known_is_known_after_a_restart():
    bonds = made(BEN)
    again = Bonds(bonds.changed())
    assert again.known() and bonds.changed() is None
    assert again.get(PEER, 0, BEN) == b"peer of " + BEN and again.get(OUR, 0, BEN) == b"ours of " + BEN
    assert again.get(PEER, 0, DEV) is None
    assert again.changed() is None


def test_the_stack_goes_through_them_by_number():
    bonds = made(BEN, DEV)
    assert [bonds.get(PEER, i, None) for i in range(3)] == [b"peer of " + BEN, b"peer of " + DEV, None]


def test_outside_of_the_mode_no_phone_is_made_known():
    bonds = Bonds()
    assert not bonds.put(PEER, BEN, b"secret")
    assert not bonds.known() and bonds.changed() is None and bonds.counts == {"bonds refused": 1}
    bonds = made(BEN)
    bonds.changed()
    assert not bonds.put(PEER, BEN, b"another")
    assert bonds.get(PEER, 0, BEN) == b"peer of " + BEN and bonds.changed() is None


def test_somebody_with_bens_address_wants_to_pair_anew__hidden_until_the_link_is_over_and_never_lost():
    bonds = made(BEN, DEV)
    kept = bonds.changed()
    asked = 0
    while bonds.get(PEER, 0, BEN) is not None:  # as NimBLE does: it would never end if a deletion was refused
        bonds.put(PEER, BEN, None)
        asked += 1
    assert asked == 1 and bonds.get(OUR, 0, BEN) is None and not bonds.put(OUR, BEN, None)
    assert bonds.get(PEER, 0, DEV) is not None and bonds.get(PEER, 0, None) == b"peer of " + DEV
    assert bonds.changed() is None
    bonds.link_ended()
    assert bonds.get(PEER, 0, BEN) == b"peer of " + BEN
    assert Bonds(kept).get(PEER, 0, BEN) is not None


def test_in_the_mode_a_phone_that_forgot_us_is_made_known_anew():
    bonds = made(BEN)
    bonds.allow(True)
    assert bonds.put(PEER, BEN, None) and bonds.get(PEER, 0, BEN) is None
    assert not bonds.put(PEER, BEN, None)
    assert bonds.put(PEER, BEN, b"new")
    assert Bonds(bonds.changed()).get(PEER, 0, BEN) == b"new"


def test_more_phones_than_there_is_room_for__the_oldest_is_forgotten():
    keys = [bytes([number]) * 7 for number in range(MAX_SECRETS // 2 + 1)]
    bonds = made(*keys)
    assert bonds.get(PEER, 0, keys[0]) is None and bonds.get(OUR, 0, keys[0]) is None
    assert bonds.get(PEER, 0, keys[1]) is not None and bonds.get(OUR, 0, keys[-1]) is not None
    assert bonds.counts == {"phones forgotten": 2}


def test_a_secret_too_long_is_refused():
    bonds = Bonds()
    bonds.allow(True)
    assert not bonds.put(PEER, BEN, bytes(MAX_SECRET_BYTES + 1))


def test_a_file_that_is_not_whole_makes_nobody_known_and_is_counted():
    kept = made(BEN, DEV).changed()
    for stored in (b"", b"abc", kept[:-1], kept[1:], kept[:9] + bytes([kept[9] ^ 1]) + kept[10:]):
        assert Bonds(stored).counts == {"unreadable bonds": 1} and not Bonds(stored).known()
    assert Bonds(None).counts == {}


class Files:
    def __init__(self, worn_out=False):
        self.there = {MODE_FILE: b""}
        self._worn_out = worn_out

    def read(self, name):
        return self.there.get(name)

    def remove(self, name):
        if self._worn_out:
            raise OSError(28)
        del self.there[name]


def test_a_technicians_word_holds_for_one_start():
    flash = Files()
    assert mode_left(flash, Log()) and not mode_left(flash, Log())
    worn_out = Files(worn_out=True)
    assert not mode_left(worn_out, Log())
