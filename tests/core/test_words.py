"""The numbers that stand for words: no two of a kind are alike, and they fit where frames and tables keep them."""

from watchword_core import words


def named(*prefixes):
    """[(name, number)] of the words that start with one of these."""
    return [(name, getattr(words, name)) for name in sorted(dir(words)) if name.startswith(prefixes)]


def between(first, last):
    """{number} of the plain words whose numbers lie between, as the events do."""
    kinds = ("AT_", "BY_", "PLAN_", "RULE_", "CALL_POLICE", "NOT_POLICE", "_")
    plain = [name for name in dir(words) if name.isupper() and not name.startswith(kinds)]
    return [name for name in plain if first <= getattr(words, name) <= last]


def test_moments_and_rules_have_a_number_each():
    for prefix in ("AT_", "RULE_"):
        numbers = [number for _, number in named(prefix)]
        assert len(numbers) == len(set(numbers)) and max(numbers) < 256
    assert all(number >= 200 for _, number in named("RULE_"))  # below are rungs


def test_answers_have_a_bit_each_and_fit_16():
    seen = 0
    for name, bit in named("BY_"):
        assert bit & (bit - 1) == 0 and not seen & bit, name
        seen |= bit
    assert 0 < seen < 0x10000


def test_what_a_plan_says_has_bits_of_its_own_and_fits_16():
    seen = 0
    for name, bits in named("PLAN_"):
        if name == "PLAN_CONTACT":
            assert bits == bits & words.PLAN_CONTACTS
            continue
        assert not seen & bits, name
        seen |= bits
    assert 0 < seen < 0x10000


def test_what_happens_has_a_number_each():
    events = between(64, 199)
    assert len(set([getattr(words, name) for name in events])) == len(events) > 20
