"""The whole firmware in virtual time, carried for by a link that loses nothing, and answered by story.Hub."""

from pathlib import Path

import story
from watchword_core import frames
from watchword_sim.board_model import REPOSITORY
from watchword_sim.firmware_process import Firmware
from watchword_sim.outputs import MailSent, Output
from watchword_sim.virtual_board import VirtualBoard

KEY_FILE = bytes(range(64)) + story.PENDANT.to_bytes(4, "big")
ONE_WAY_MS = 20
BOOT_MS = 1_000


def provisioned(folder: Path) -> Path:
    """A board's state with the key file in its flash."""
    programs = (Path(__file__).parent / "firmware", REPOSITORY / "firmware/boards/sim")
    firmware = Firmware(folders=programs, module="provision")
    with VirtualBoard(folder / "board", firmware=firmware, env={"TEST_KEY": KEY_FILE.hex()}) as board:
        board.run_to(lambda output: isinstance(output, MailSent), 5_000)
    return folder / "board"


class Carried:
    """Ana's pendant; `outputs` is all that it did, `now_ms` the board's time: the hub's, less story.T0."""

    def __init__(self, state_dir: Path, hub: story.Hub, firmware: Firmware | None = None, ticks_start_ms: int = 0):
        self.hub = hub
        self.outputs: list[Output] = []
        self.boot = 0
        self.board = VirtualBoard(
            state_dir, firmware=firmware, on_output=self._took, ticks_start_ms=ticks_start_ms, env={"WW_BLE": ""}
        )

    def __enter__(self) -> "Carried":
        self.board.start()
        self.run(BOOT_MS)
        return self

    def __exit__(self, *exception: object) -> None:
        self.board.kill()

    @property
    def now_ms(self) -> int:
        return self.board.now_ms

    def run(self, ms: int) -> None:
        """Time passes."""
        self.board.run_until(self.now_ms + ms)

    def link(self, up: bool) -> None:
        self.board.send_mail(b"\x01" if up else b"\x00")

    def tap(self, button: str) -> None:
        self.board.press(button)
        self.board.release(button, at_ms=self.now_ms + 200)

    def reboot(self) -> None:
        """The power goes and comes back."""
        self.board.kill()
        self.board.start()
        self.run(BOOT_MS)

    def give_table(self) -> None:
        """The pieces of the case's table, as the hub sends them."""
        table = self.hub.case.table
        size = frames.MAX_FRAGMENT_BYTES
        pieces = [table.compiled[i : i + size] for i in range(0, len(table.compiled), size)]
        for i, piece in enumerate(pieces):
            fragment = frames.Fragment(table.short_version, i, len(pieces), piece)
            self.board.send_mail(frames.seal_fragment(story.DOWN, story.PENDANT, self.boot, 500 + i, fragment))

    def _took(self, output: Output) -> None:
        self.outputs.append(output)
        if isinstance(output, MailSent) and len(output.frame) == frames.UP_BYTES:
            self.boot = frames.read_header(output.frame).boot
            answer = self.hub.hear(output.frame, self.now_ms)
            self.board.send_mail(answer, at_ms=self.now_ms + ONE_WAY_MS)
