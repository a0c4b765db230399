"""What hardware/boards says of a board is what its firmware believes."""

import re

from watchword_sim.board_model import REPOSITORY, load_pins

ROW = re.compile(r"^\| (\d+) \| `(\w+)` \|", re.MULTILINE)


def test_the_documented_pins_are_those_of_the_firmware() -> None:
    text = (REPOSITORY / "hardware/boards/walter_rev_a/README.md").read_text()
    pins = vars(load_pins(REPOSITORY / "firmware/boards/walter_rev_a/board.py"))
    declared = {
        name: n for name, n in pins.items() if name.startswith(("PIN_", "I2C_", "UART_GNSS_")) and name[-2:] != "ID"
    }
    assert {name: int(number) for number, name in ROW.findall(text)} == declared
