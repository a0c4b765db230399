"""What the receiver says of where Ana is: whole sentences only, in integers, and never more memory than one line."""

from pendant import nmea
from pendant.gnss import MAX_ACCURACY_M, Receiver
from pendant.nmea import BadField, Fix

RMC = b"$GPRMC,132820.60,A,4134.49821229,N,09345.03351845,W,3.252,92.308,180320,11.5985,E,D*1A\r\n"
GGA = b"$GPGGA,132820.60,4134.49821229,N,09345.03351845,W,2,09,1.0,278.020,M,-31.442,M,7.6,0133*7E\r\n"
AT = 1_584_538_100_600  # 2020-03-18 13:28:20.6 UTC
PLACE = (415_749_702, -937_505_586)


def said(body):
    """A sentence with its checksum."""
    sum_ = 0
    for byte in body:
        sum_ ^= byte
    return b"$" + body + b"*%02X\r\n" % sum_


def test_a_place_is_exact_to_a_tenth_of_a_millionth_of_a_degree():
    (fix,) = Receiver().feed(RMC)
    assert fix == Fix(AT, PLACE[0], PLACE[1], 1673, True)


def test_the_same_place_told_again_counts_and_a_speed_does_not():
    receiver = Receiver()
    for _ in range(3):
        receiver.feed(GGA)
    assert receiver.places == 3
    receiver.feed(said(b"GPVTG,92.3,T,,M,3.2,N,6.0,K,A"))
    receiver.feed(said(b"GPRMC,132821.60,V,4134.49821229,N,09345.03351845,W,3.252,92.308,180320,,,N"))
    assert receiver.places == 3


def test_bytes_that_come_one_by_one_say_the_same():
    receiver = Receiver()
    found = [fix for byte in RMC for fix in receiver.feed(bytes([byte]))]
    assert found == [Fix(AT, PLACE[0], PLACE[1], 1673, True)]


def test_without_a_date_there_is_no_time():
    (fix,) = Receiver().feed(GGA)
    assert fix == Fix(None, PLACE[0], PLACE[1], None, True)


def test_accuracy_comes_from_the_dilution():
    receiver = Receiver()
    assert receiver.accuracy_m == MAX_ACCURACY_M
    receiver.feed(GGA)
    assert receiver.accuracy_m == 5
    receiver.feed(said(b"GPGGA,132821.60,4134.49,N,09345.03,W,1,09,99.99,278.0,M,-31.4,M,,"))
    assert receiver.accuracy_m == 499


def test_a_void_sentence_takes_the_place_away_though_it_still_names_it():
    receiver = Receiver()
    receiver.feed(RMC)
    (fix,) = receiver.feed(said(b"GPRMC,132821.60,V,4134.49821229,N,09345.03351845,W,3.252,92.308,180320,,,N"))
    assert fix == Fix(AT + 1000, None, None, None, False)


def test_an_estimate_with_mode_n_is_no_fix():
    for body in (
        b"GNRMC,132821.60,A,4134.49,N,09345.03,W,,,180320,,,N",
        b"GPGLL,4134.49,N,09345.03,W,132821.60,A,N",
        b"GNGNS,132821.60,4134.49,N,09345.03,W,NN,00,,,,,",
    ):
        receiver = Receiver()
        receiver.feed(RMC)
        assert not receiver.feed(said(body))[0].valid


def test_every_constellation_is_heard_and_no_other_device():
    for talker in (b"GP", b"GN", b"GL", b"GA", b"GB", b"BD", b"QZ"):
        assert Receiver().feed(said(talker + b"GLL,4134.49,N,09345.03,W,132821.60,A"))[0].valid
    assert Receiver().feed(said(b"IIGLL,4134.49,N,09345.03,W,132821.60,A")) == []


def test_speed_comes_from_rmc_or_vtg():
    receiver = Receiver()
    receiver.feed(said(b"GNGLL,4134.49,N,09345.03,W,132821.60,A"))
    (fix,) = receiver.feed(said(b"GNVTG,,T,,M,0.117,N,0.216,K,A"))
    assert fix.speed_mm_s == 60 and fix.valid


def test_south_and_west_are_negative_and_minutes_carry():
    (fix,) = Receiver().feed(said(b"GPGLL,3351.99999999,S,15112.5,E,132821.60,A"))
    assert fix.lat_e7 == -338_666_667 and fix.lon_e7 == 1_512_083_333


def test_refused_for_each_reason_and_counted():
    receiver = Receiver()
    for bytes_, reason in (
        (b"$GPGLL," + b"1" * 200 + b"*00\r\n", nmea.TOO_LONG),
        (RMC[:20] + RMC, nmea.CUT),
        (b"$GPGLL,4916.45,N,12311.12,W,225444,A\r\n", nmea.NO_CHECKSUM),
        (RMC.replace(b"3.252", b"3.253"), nmea.CHECKSUM),
        (b"$GPTXT,\xff*30\r\n", nmea.NOT_TEXT),
        (said(b"GPGLL,A,E,09345.03,W,132821.60,A"), nmea.FIELDS),
    ):
        before = list(receiver.lines.refused)
        receiver.feed(bytes_)
        assert receiver.lines.refused[reason] == before[reason] + 1, nmea.REASONS[reason]
    assert receiver.lines.bad == 6 and receiver.lines.sentences == 1


def test_a_checksum_is_two_digits_and_nothing_that_only_reads_as_such():
    for digits in (b"+5", b" 5", b"5 ", b"5", b"005", b"0x5", b""):
        receiver = Receiver()
        receiver.feed(b"$GPTXT,f*" + digits + b"\r\n")
        assert receiver.lines.refused[nmea.CHECKSUM] == 1, digits
    receiver = Receiver()
    receiver.feed(b"$GPTXT,f*05\r\n$GPTXT,i*0A\r\n$GPTXT,i*0a\r\n")
    assert receiver.lines.sentences == 3


def test_fields_that_can_not_be_are_refused():
    for body in (
        b"GPRMC,252821.60,A,4134.49,N,09345.03,W,,,180320,,,A",  # hour 25
        b"GPRMC,132821.60,A,4164.49,N,09345.03,W,,,180320,,,A",  # minute 64
        b"GPRMC,132821.60,A,9134.49,N,09345.03,W,,,180320,,,A",  # 91 degrees
        b"GPRMC,132821.60,A,4134.49,X,09345.03,W,,,180320,,,A",
        b"GPRMC,132821.60,A,4134.49,N,09345.03,W,,,321320,,,A",  # day 32
        b"GPRMC,132821.60,A,4134.49,N,09345.03,W,1200.0,,180320,,,A",  # 617 m/s
        b"GPRMC,132821.60,Z,4134.49,N,09345.03,W,,,180320,,,A",
        b"GPGGA,034225.077,3356.4650,S,15124.5567,E,12,03,9.7,-25.0,M,21.0,M,,0000",
        b"GNGNS,094821.0,4849.931307,N,00216.053323,E,AAX,14,0.6,161.5,48.0,,",
        b"GPRMC,132821.60",
    ):
        receiver = Receiver()
        assert receiver.feed(said(body)) == [] and receiver.lines.refused[nmea.FIELDS] == 1, body


def test_what_is_refused_for_one_field_changes_nothing_by_another():
    receiver = Receiver()
    receiver.feed(RMC)
    receiver.feed(GGA)
    receiver.feed(said(b"GPRMC,132821.60,A,9134.49,N,09345.03,W,9.0,,190320,,,A"))  # another day and speed, 91 degrees
    receiver.feed(said(b"GPGGA,132821.60,9134.49,N,09345.03,W,1,09,9.9,278.0,M,-31.4,M,,"))
    assert receiver.lines.bad == 2 and receiver.accuracy_m == 5
    (fix,) = receiver.feed(said(b"GPGLL,4134.49,N,09345.03,W,132822.60,A"))
    assert fix.time_ms == AT + 2000 and fix.speed_mm_s == 1673


def test_numbers_are_digits_and_one_point():
    assert nmea.digits(b"3.2529", 3) == 3252
    assert nmea.digits(b"3.", 3) == 3000
    for bad in (b"", b".", b".5", b"+3", b"-3", b"3.2.1", b"3e1"):
        try:
            nmea.digits(bad, 3)
        except BadField:
            continue
        raise AssertionError(bad)


def test_days_are_those_of_the_calendar():
    assert nmea.date_days(1, 1, 1980) == 3652
    assert nmea.date_days(29, 2, 2024) == 19782
    assert nmea.date_days(31, 12, 2099) == 47481


def test_noise_never_raises_and_never_grows():
    receiver, state = Receiver(), 12345
    receiver.feed(RMC)
    for _ in range(400):
        noise = bytearray(100)
        for i in range(100):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            noise[i] = b"$*,\r\nGPRMCAVN0123456789."[(state >> 16) % 24] if state & 64 else state >> 16 & 0xFF
        receiver.feed(noise)
    assert receiver.lines.bad > 0
    receiver.feed(b"\r\n")
    assert receiver.feed(RMC)[-1:] == [Fix(AT, PLACE[0], PLACE[1], 1673, True)] or receiver.fix.valid
