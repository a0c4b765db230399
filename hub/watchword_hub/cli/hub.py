"""`watchword hub`, `bridge`, `login` and `settings`."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any

import typer
from watchword_bridge.mqtt import BrokerAddress, BrokerAddressError, BrokerRefused, Credentials, MqttBroker
from watchword_bridge.spool import SpoolError, SpoolInUse

from .. import control, logs, settings
from ..broker import BrokerError, check_bridge_id
from ..settings import Settings
from .refusal import CommandRefused, one_line

Data = Annotated[Path | None, typer.Option("--data", help="Directory of everything the hub keeps.", metavar="DIR")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings file; see `watchword settings`.")]


def settings_of(config: Path | None = None, **flags: Any) -> Settings:
    """The settings in force, with logs set up by them; raises CommandRefused."""
    try:
        found = settings.load(flags, config)
    except settings.SettingsError as e:
        raise CommandRefused(str(e)) from e
    logs.set_up(found.log_level, found.log_format)
    return found


def hub(
    data: Data = None,
    config: Config = None,
    port: Annotated[int | None, typer.Option(help="Port of the console; 0: any free one.")] = None,
    broker: Annotated[
        str | None, typer.Option(help="Broker to use, as mqtts://host:8883; none: the hub starts its own.")
    ] = None,
    restored: Annotated[
        bool, typer.Option("--restored", help="The data directory is a copy put back: ask pendants for what it lacks.")
    ] = False,
) -> None:
    """Run the hub: engine, notify, console, and its own broker unless one is given. Stop it with Ctrl-C.

    Prints a link that logs you in to the console, once.

    A database put back from a copy is noticed where the rest of its directory stayed. Where the whole directory was put
    back, or moved to another machine from a copy, say --restored, once: pendants then send again what it never had.

    Examples:

    watchword hub

    watchword hub --data /srv/watchword --port 8500

    watchword hub --data /srv/from-copy --restored

    WATCHWORD_BROKER_PASSWORD_FILE=/run/secrets/broker watchword hub --broker mqtts://broker.example:8883
    """
    from sqlite3 import DatabaseError

    from ..console.server import ConsolePortInUse
    from ..service import HubService
    from ..store.lock import DirectoryInUse
    from ..store.migrate import CannotMigrate, NewerStore
    from ..store.store import CannotWrite

    found = settings_of(config, data_dir=data, console_port=port, broker_url=broker)
    service = HubService(found, restored=restored)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: service.end())
    refusals = (DirectoryInUse, ConsolePortInUse, BrokerError, BrokerRefused, BrokerAddressError, control.ControlError)
    store_refusals = (NewerStore, CannotMigrate, CannotWrite, DatabaseError)
    with one_line(*refusals, *store_refusals, OSError), service:
        typer.echo(f"Console: {service.console_url}")
        typer.echo(f"Log in, once, within 15 minutes: {service.login_link()}")
        service.wait()


def login(
    data: Data = None,
    config: Config = None,
    person: Annotated[int | None, typer.Option(help="Number of the person to log in.")] = None,
) -> None:
    """Print a new link that logs one person in to the running hub's console, once, within 15 minutes."""
    found = settings_of(config, data_dir=data)
    with one_line(control.NoHub, control.ControlError):
        typer.echo(control.ask(found.data_dir, "login", person=person))


def bridge(
    name: Annotated[str, typer.Option(help="This bridge's name, its user at the broker.")] = "bridge-1",
    data: Data = None,
    config: Config = None,
    broker: Annotated[
        str | None, typer.Option(help="Broker, as mqtts://host:8883; none: the broker of the hub on this machine.")
    ] = None,
) -> None:
    """Carry frames between pendants nearby (Bluetooth) and the broker. It can't read them. Stop it with Ctrl-C.

    Beside a hub on this machine it needs nothing. Elsewhere give the broker, and the bridge's password by
    WATCHWORD_BROKER_PASSWORD or in a file that WATCHWORD_BROKER_PASSWORD_FILE names. Examples:

    watchword bridge

    watchword bridge --name van-2 --broker mqtts://hub.example:8883
    """
    found = settings_of(config, data_dir=data, broker_url=broker)
    from sqlite3 import DatabaseError

    refusals = (ValueError, control.NoHub, control.ControlError, SpoolError, SpoolInUse, BrokerRefused, OSError)
    with one_line(*refusals, DatabaseError):
        check_bridge_id(name)
        address, credentials = _broker_of(found, name)
        spool = found.data_dir / f"bridge-{name}.spool"
        spool.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        asyncio.run(_carry(name, MqttBroker(address), credentials, spool))


def _broker_of(found: Settings, name: str) -> tuple[BrokerAddress, Credentials]:
    if found.broker_url is None:
        told = control.ask(found.data_dir, "bridge", bridge=name)
        return BrokerAddress.parse(told["url"]), Credentials(told["user"], told["password"])
    if found.broker_password is None:
        raise control.ControlError("no password: set WATCHWORD_BROKER_PASSWORD or WATCHWORD_BROKER_PASSWORD_FILE")
    address = BrokerAddress.parse(found.broker_url, found.broker_ca_file)
    return address, Credentials(name, found.broker_password.get_secret_value())


async def _carry(name: str, broker: MqttBroker, credentials: Credentials, spool: Path) -> None:
    from watchword_bridge.bridge import Bridge  # bleak takes longer to load than most commands to run

    carrying = asyncio.create_task(Bridge(name, broker, credentials, spool).run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, carrying.cancel)
    try:
        await carrying
    except asyncio.CancelledError:
        typer.echo("bridge stopped; what it keeps is sent when it runs again", err=True)


def show_settings(data: Data = None, config: Config = None) -> None:
    """List every setting with its value here. Secrets are shown only as set or not set.

    Set one by flag, by environment (WATCHWORD_CONSOLE_PORT=8500), or in watchword.toml:

    console_port = 8500

    timezone = "Europe/London"
    """
    found = settings_of(config, data_dir=data)
    for name, field in Settings.model_fields.items():
        value = getattr(found, name)
        shown = ("set" if value else "not set") if name in settings.SECRETS else value
        shown = ", ".join(map(str, shown)) if isinstance(shown, tuple) else shown
        typer.echo(f"{name} = {shown}" + (f"  # {field.description}" if field.description else ""))


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.command("hub")(hub)
    app.command("login")(login)
    app.command("bridge")(bridge)
    app.command("settings")(show_settings)
