"""What the simulator's commands need beyond its own package."""

from importlib.util import find_spec

from watchword_hub.cli.refusal import CommandRefused

from .board_model import SIM_BOARD_FILE


def need_checkout() -> None:
    """Raises CommandRefused where the radio's library is not installed, or no firmware stands beside the simulator."""
    if find_spec("bumble") is None or not SIM_BOARD_FILE.exists():
        raise CommandRefused("the simulated pendant runs the firmware of a checkout: there, make setup (or make demo)")
