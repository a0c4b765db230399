"""One pendant with its whole firmware, a phone, and the hub's engine, all in one virtual time: hours in seconds.

One seed, one run. Only the air, the phone, the network and the broker are stood in for; frames are really sealed.
"""

import random
from collections.abc import Callable
from pathlib import Path

from . import memory_network, outputs
from .accelerometer import worn
from .agenda import Agenda
from .felt_reader import FeltReader
from .firmware_process import SIM_MODULES, Firmware
from .memory_network import MemoryNetwork
from .memory_radio import MemoryRadio
from .virtual_board import VirtualBoard, run_with
from .virtual_hub import BRIDGE, VirtualClock, VirtualHub

UP = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
DOWN = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"
MEMORY_BLUETOOTH = SIM_MODULES / "memory"
PROGRAMS = SIM_MODULES / "programs"
KEY_WRITTEN_WITHIN_MS = 5_000

TAP_MS = 200
SOS_HELD_MS = 3_500
OK_HELD_MS = 2_500
HUB_STEP_MS = 1_000
SCAN_MS = 500
NETWORK_MS = (5, 60)  # phone to hub or back, at least and at most
MAX_QUEUED = 64  # frames that wait in the phone to be written to the pendant


class VirtualPhone:
    """Carries between the pendant and the hub; keeps nothing across a lost link: the pendant repeats what matters.

    `name`, as the hub knows it: with another one it is another phone, which is given nothing that was for this one.
    """

    def __init__(self, stage: "VirtualStage") -> None:
        self.name = BRIDGE
        self.dropped = 0
        self._stage = stage
        self._queue: list[bytes] = []
        self._writing = False
        self._linked = False
        stage.radio.heard = self._heard
        stage.radio.changed = self._changed
        self._scan()

    def carry_down(self, frame: bytes) -> None:
        """Writes it to the pendant as soon as those before it are written."""
        if not self._linked or len(self._queue) >= MAX_QUEUED:
            self.dropped += 1
            return
        self._queue.append(frame)
        self._write_next()

    def _scan(self) -> None:
        radio = self._stage.radio
        if radio.link is None and radio.advert is not None and not radio.down:
            radio.connect()
        self._stage.after(self._stage.scan_ms, self._scan)

    def _changed(self, linked: bool) -> None:
        self._linked = linked
        self._queue.clear()
        self._writing = False
        if linked:
            self._stage.radio.subscribe(self._stage.radio.handle_of(UP))

    def _heard(self, handle: int, frame: bytes) -> None:
        name = self.name
        self._stage.over_network(lambda: self._stage.hub.bring(frame, name))

    def _write_next(self) -> None:
        if self._queue and not self._writing:
            self._writing = True
            radio = self._stage.radio
            radio.write(radio.handle_of(DOWN), self._queue.pop(0), self._written)

    def _written(self) -> None:
        self._writing = False
        self._write_next()


class VirtualStage:
    """`with` it: the pendant is provisioned and switched on, the hub runs, the phone is in the pocket.

    `felt` has (at ms, name) of each pattern. Controls act now; time passes in `run` alone. `path_settings`: the file of
    a second path, whose broker can't answer by sockets, since their time is not virtual: one that refuses can, and for
    a program that imports serial_sockets `network` answers. How often the phone looks for an advert and the hub for
    what is due, `scan_ms` and `hub_step_ms`, may be set at any time.
    """

    def __init__(
        self,
        folder: Path,
        seed: int = 0,
        firmware: Firmware | None = None,
        ticks_start_ms: int = 0,
        path_settings: bytes = b"",
    ) -> None:
        plain = firmware or Firmware()
        carried = Firmware(plain.folders, plain.module, plain.heap, (MEMORY_BLUETOOTH, *plain.overlays))
        self.scan_ms, self.hub_step_ms = SCAN_MS, HUB_STEP_MS
        self.agenda = Agenda()
        self.felt: list[tuple[int, str]] = []
        self.mail: list[tuple[int, bytes]] = []  # what the firmware sent that was not the radio's
        self.resets: list[outputs.Output] = []  # resets, power cuts and ends of the program
        self.board = VirtualBoard(
            folder / "board",
            seed=seed,
            firmware=carried,
            ticks_start_ms=ticks_start_ms,
            on_output=self._took,
        )
        self.board.model.accelerometer = worn()
        self.radio = MemoryRadio(self.board, self.agenda)
        self.hub = VirtualHub(folder / "hub", VirtualClock(lambda: self.board.now_ms), self._answer, seed)
        self.phone = VirtualPhone(self)
        self.network = MemoryNetwork(self.board, self.agenda, self._published)
        self._folder = folder
        self._path_settings = path_settings
        self._rng = random.Random(seed)  # noqa: S311 -- a simulation's, not a secret
        self._feeling = FeltReader()
        self._step_hub()

    def __enter__(self) -> "VirtualStage":
        write_key(self._folder / "board", self.hub.provision(), self._path_settings)
        self.board.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.board.kill()
        self.hub.close()

    # -- time

    @property
    def now_ms(self) -> int:
        """On the board's clock."""
        return self.board.now_ms

    def run(self, ms: int) -> None:
        """Time passes for all."""
        run_with(self.board, self.agenda, ms)

    def until_felt(self, name: str, limit_ms: int, since_ms: int | None = None) -> int:
        """When it was felt, from now (or `since_ms`) on. Raises TimeoutError with what was felt instead."""
        since_ms = self.now_ms if since_ms is None else since_ms
        end_ms = self.now_ms + limit_ms
        while True:
            came = [at_ms for at_ms, felt in self.felt if felt == name and at_ms >= since_ms]
            if came:
                return came[0]
            if self.now_ms >= end_ms:
                raise TimeoutError(f"not felt within {limit_ms} ms: {name!r}; but {self.felt_since(since_ms)}")
            self.run(min(500, end_ms - self.now_ms))

    def felt_since(self, at_ms: int) -> list[str]:
        """The patterns' names, in order."""
        return [name for when_ms, name in self.felt if when_ms >= at_ms]

    def after(self, ms: int, action: Callable[[], None]) -> None:
        """`action` is done so much later."""
        self.agenda.plan(self.now_ms + ms, action)

    def over_network(self, action: Callable[[], None]) -> None:
        """After a network's delay; frames may overtake each other."""
        self.after(self._rng.randint(*NETWORK_MS), action)

    # -- what Ana does, and what happens to her pendant

    def tap_ok(self) -> int:
        """One press; when it began."""
        return self._press("ok", TAP_MS)

    def hold_ok(self) -> int:
        """As on leaving; when it began."""
        return self._press("ok", OK_HELD_MS)

    def hold_sos(self) -> int:
        """Long enough for an SOS; when it began."""
        return self._press("sos", SOS_HELD_MS)

    def lose_power(self) -> None:
        """As by an empty battery."""
        self.board.kill()
        self.radio.pendant_lost_power()
        self.network.end()

    def power_on(self, cut_after_writes: int = 0) -> None:
        """With `cut_after_writes` the power goes again in the middle of that flash write."""
        self.board.start(cut_after_writes)

    def _press(self, button: str, held_ms: int) -> int:
        since_ms = self.now_ms
        self.board.press(button)
        self.run(held_ms)
        self.board.release(button)
        return since_ms

    # -- behind it

    def _answer(self, carrier: str, frame: bytes) -> None:
        self.over_network(lambda: self._carry_down(carrier, frame))

    def _carry_down(self, carrier: str, frame: bytes) -> None:
        if carrier == memory_network.NAME:
            self.network.carry_down(frame)
        elif carrier == self.phone.name:
            self.phone.carry_down(frame)

    def _published(self, frames: bytes) -> None:
        self.over_network(lambda: self.hub.bring(frames, memory_network.NAME))

    def _step_hub(self) -> None:
        self.hub.step()
        self.after(self.hub_step_ms, self._step_hub)

    def _took(self, output: outputs.Output) -> None:
        felt = self._feeling.take(output)
        if felt is not None:
            self.felt.append((felt.at_us // 1000, felt.name))
        if isinstance(output, outputs.MailSent) and not self.radio.take(output.frame):
            self.mail.append((output.at_us // 1000, output.frame))
        elif isinstance(output, outputs.UartSent) and output.port == memory_network.PORT:
            self.network.take(output.content)
        elif isinstance(output, outputs.BoardReset | outputs.PowerLost | outputs.FirmwareEnded):
            self.resets.append(output)
            self.radio.pendant_lost_power()
            self.network.end()


def write_key(state_dir: Path, key_file: bytes, path_settings: bytes = b"") -> None:
    """Into the flash of a board that is off. Raises TimeoutError with what the board printed instead."""
    firmware = Firmware(folders=(PROGRAMS,), module="write_key")
    env = {"WW_KEY": key_file.hex(), "WW_PATH": path_settings.hex()}
    with VirtualBoard(state_dir, firmware=firmware, env=env) as board:
        board.run_to(lambda output: isinstance(output, outputs.MailSent), KEY_WRITTEN_WITHIN_MS)
