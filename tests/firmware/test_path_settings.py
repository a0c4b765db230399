"""The file of the second path: read as `watchword pendant provision` writes it, and refused when it can't be used."""

import json

from pendant import path_settings
from pendant.counters import Counters

WHOLE = {
    "address": "192.0.2.7",
    "port": 8883,
    "name": "broker.example",
    "user": "pendant-00c0ffee",
    "password": "secret",
    "network": "Office",
    "network_password": "another secret",
}


class Flash:
    def __init__(self, settings, authority=None):
        self.files = {"path": settings, "path-ca": authority}

    def read(self, name):
        return self.files[name]


def changed(**fields):
    told = WHOLE.copy()
    told.update(fields)
    return json.dumps(told).encode()


def test_what_the_command_writes_is_read():
    found = path_settings.read(Flash(changed(), b"DER"), Counters())
    assert found.address == "192.0.2.7" and found.port == 8883 and found.name == "broker.example"
    assert found.user == "pendant-00c0ffee" and found.network == "Office" and found.authority == b"DER"


def test_a_pendant_without_a_second_path_has_none_and_nothing_is_wrong():
    for stored in (None, b""):
        counters = Counters()
        assert path_settings.read(Flash(stored), counters) is None
        assert counters.of("bad settings") == 0


def test_without_tls_no_authority_is_needed():
    assert path_settings.read(Flash(changed(name="")), Counters()).authority is None


def test_what_can_not_be_used_is_refused_and_counted():
    for stored in (
        b"{",
        b"\xff\xfe",
        b"[]",
        b"7",
        b'{"address": "192.0.2.7"}',
        changed(port=0),
        changed(port="8883"),
        changed(port=65536),
        changed(address=""),
        changed(user=""),
        changed(user=7),
        changed(password="p" * 65),
        changed() + b" " * 1024,
    ):
        counters = Counters()
        assert path_settings.read(Flash(stored, b"DER"), counters) is None, stored
        assert counters.of("bad settings") == 1
    counters = Counters()
    assert path_settings.read(Flash(changed()), counters) is None  # TLS, and nobody to check the certificate by
    assert counters.of("bad settings") == 1
