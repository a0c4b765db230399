"""The files of a pendant's second path, written with its key: where its broker is, and who it is there.

`path` is JSON (firmware/pendant/path_settings.py), empty for a pendant that has none; `path-ca` the authority of the
broker's certificate, DER. The broker's name is looked up here: on a pendant that would hold up everything for seconds.
"""

import json
import socket
import ssl
from pathlib import Path

from pydantic import SecretStr
from watchword_bridge.mqtt import BrokerAddress, BrokerAddressError, Credentials

from .. import control
from ..broker import pendant_user
from ..settings import Settings
from .provision import ProvisionError

SETTINGS_FILE = "path"
AUTHORITY_FILE = "path-ca"
MAX_BYTES = 1024  # of the settings, as the firmware takes them
MAX_TEXT = 64


def have_second_path(found: Settings) -> BrokerAddress | None:
    """Where the pendants' broker is, None: they have no second path. Raises ProvisionError where it can't be used."""
    if found.pendant_broker_url is None:
        return None
    try:
        address = BrokerAddress.parse(found.pendant_broker_url, found.pendant_broker_ca_file)
    except BrokerAddressError as e:
        raise ProvisionError(f"pendant_broker_url: {e}") from e
    if address.tls:
        authority_of(address)
    return address


def files_for(found: Settings, pendant: int) -> dict[str, bytes]:
    """What to write, by file name; raises ProvisionError, NoHub or ControlError. After the pendant's key was made."""
    address = have_second_path(found)
    if address is None:
        return {SETTINGS_FILE: b""}
    files = {SETTINGS_FILE: _settings(found, address, _credentials(found, pendant))}
    if address.tls:
        files[AUTHORITY_FILE] = authority_of(address)
    return files


def authority_of(address: BrokerAddress) -> bytes:
    """As DER; raises ProvisionError."""
    if address.ca_file is None:
        raise ProvisionError("pendant_broker_ca_file: name the authority; a pendant knows none by itself")
    try:
        return ssl.PEM_cert_to_DER_cert(Path(address.ca_file).read_text().strip())
    except (OSError, ValueError) as e:
        raise ProvisionError(f"pendant_broker_ca_file: {address.ca_file} is no certificate in PEM: {e}") from e


def _credentials(found: Settings, pendant: int) -> Credentials:
    user = pendant_user(pendant)
    if found.broker_url is None:
        told = control.ask(found.data_dir, "second_path", pendant=pendant)
        return Credentials(told["user"], told["password"])
    if found.pendant_broker_password is None:
        raise ProvisionError(f"pendant_broker_password: make the user {user} at your broker and give its password")
    return Credentials(user, found.pendant_broker_password.get_secret_value())


def _settings(found: Settings, address: BrokerAddress, credentials: Credentials) -> bytes:
    texts = {
        "address": _looked_up(address.host),
        "name": address.host if address.tls else "",
        "user": credentials.user,
        "password": credentials.password,
        "network": found.pendant_network,
        "network_password": _shown(found.pendant_network_password),
    }
    for name, text in texts.items():
        if len(text) > MAX_TEXT:
            raise ProvisionError(f"second path: its {name} is longer than the {MAX_TEXT} characters of a pendant")
    content = json.dumps({**texts, "port": address.port}).encode()
    if len(content) > MAX_BYTES:
        raise ProvisionError(f"second path: {len(content)} bytes of settings; a pendant takes {MAX_BYTES}")
    return content


def _looked_up(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
    except OSError as e:
        raise ProvisionError(f"pendant_broker_url: {host} has no address that a pendant can use: {e}") from e


def _shown(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
