"""The second path as the technician set it: a file beside the key, written by `watchword pendant provision`.

JSON, so that what a later release adds can be read by an earlier one. It holds two passwords: never printed.
"""

import json
from collections import namedtuple

SETTINGS_FILE = "path"
AUTHORITY_FILE = "path-ca"  # DER, of the broker's certificate
MAX_BYTES = 1024
MAX_TEXT = 64  # characters of each

_TEXTS = ("address", "name", "user", "password", "network", "network_password")

Settings = namedtuple(
    "Settings",
    (
        "address",  # the broker's, as numbers: a look-up of a name would hold up the whole program for seconds
        "port",
        "name",  # what the broker's certificate must say; "": no TLS
        "user",  # a bridge of its own: the level of its topics
        "password",
        "network",  # Wi-Fi; "": the board is always on a network
        "network_password",
        "authority",  # bytes, None without TLS
    ),
)


def read(flash, counters):
    """The Settings, or None when this pendant has no second path or its file can't be used (then counted)."""
    stored = flash.read(SETTINGS_FILE)
    if not stored:
        return None
    try:
        if len(stored) > MAX_BYTES:
            raise ValueError()
        told = json.loads(stored)
        texts = [told[name] for name in _TEXTS]
        port = told["port"]
    except (ValueError, KeyError, TypeError):
        counters.count("bad settings")
        return None
    authority = flash.read(AUTHORITY_FILE) if texts[1] else None
    if not _usable(texts, port) or (texts[1] and not authority):
        counters.count("bad settings")
        return None
    address, name, user, password, network, network_password = texts
    return Settings(address, port, name, user, password, network, network_password, authority)


def _usable(texts, port):
    if not isinstance(port, int) or not 0 < port < 65536:
        return False
    for text in texts:
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            return False
    return bool(texts[0] and texts[2])
