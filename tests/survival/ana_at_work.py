"""Ana on a visit that Ben tracks, on a stage of real parts, and a witness of whether what she feels is true.

The witness looks into the hub's store at the moment a pattern begins: what she is told must be on disk by then.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from durable_record import Record
from outside import Outside
from waiting import until_async
from watchword_core import alarm, visit
from watchword_core import words as w
from watchword_sim.felt_reader import Felt
from watchword_sim.stage import Stage
from watchword_sim.visitor import Visitor
from watchword_sim.wearer import Wearer

SOON_S = 20.0
BACK_S = 40.0  # a part is back, and the longest of the pauses between two tries is over
GIVEN_UP_S = 25.0  # for "not getting through", which is due after 10
VISIT_S = 12 * 3600
LAST_SAID = 2_000
TRIES = 5
CLOSED_PATTERN_US = 1_000_000  # cut short by the next visit's press, it would be felt once more after it

# What must have been recorded by a person before Ana may feel it.
BY_A_PERSON = {
    "cleared": "spoke_arrival",
    "a person has it": "acknowledged",
    "resolved": "resolved",
    "closed": "spoke_departure",
}


class AnaAtWork:
    """`async with` it. One visit at a time: `begin_visit` ... `end_visit`."""

    def __init__(self, data_dir: Path, outside: Outside, second_path: bool = False) -> None:
        self.outside = outside
        self.stage = Stage(
            data_dir,
            told_url=outside.told_url,
            hub_env={"WATCHWORD_STILL_ALIVE_URL": outside.still_alive_url},
            second_path=second_path,
        )
        self.record = Record(data_dir)
        self.case = 0
        self.pressed = 0  # since the stage was set
        self.lies: list[str] = []
        self._began_us = 0

    async def __aenter__(self) -> "AnaAtWork":
        await self.stage.__aenter__()
        self.wearer = Wearer(self.stage.board, self._witness)
        await self.wearer.__aenter__()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.wearer.__aexit__(*_exception)
        await self.stage.__aexit__(None, None, None)

    # -- what Ana does and feels

    async def press_ok(self) -> int:
        """One press; the moment before it, on the simulator's clock."""
        began_us = self.stage.now_us()
        self.pressed += 1
        await self.wearer.press_ok()
        return began_us

    async def pull_lanyard(self) -> int:
        """The breakaway comes apart, and is put together again at once; the moment before it."""
        began_us = self.stage.now_us()
        self.pressed += 1
        self.stage.board.pull_lanyard()
        await self.feels("kept", began_us)
        self.stage.board.release("lanyard")
        return began_us

    @asynccontextmanager
    async def holding_sos(self) -> AsyncIterator[int]:
        """Inside, the button is down and SOS builds up; at the end it is complete."""
        began_us = self.stage.now_us()
        self.pressed += 1
        holding = asyncio.create_task(self.wearer.hold_sos())
        await self.feels("sos growing", began_us)
        yield began_us
        await holding

    async def feels(self, name: str, since_us: int, within_s: float = SOON_S) -> Felt:
        """The first such pattern after that moment; a failure tells what the firmware said last."""
        try:
            return await self.wearer.until_felt(name, since_us, within_s)
        except TimeoutError as e:
            e.add_note(self.stage.board.stdout[-LAST_SAID:])
            raise

    def felt_since(self, since_us: int) -> list[str]:
        """The names of what was felt, in order."""
        return [felt.name for felt in self.wearer.felt if felt.at_us >= since_us]

    # -- what people do at the console

    @asynccontextmanager
    async def ben(self) -> AsyncIterator[Visitor]:
        """Ben at the console, newly logged in."""
        async with Visitor(self.stage.login_link("tracker")) as visitor:
            yield visitor

    async def begin_visit(self) -> None:
        """Planned, arrived, spoken with and cleared: Ana is inside."""
        self._began_us = self.stage.now_us()
        async with self.ben() as ben:
            answer = await ben.submit("/plan", self._plan())
            self.case = int(answer.headers["location"].rsplit("/", 1)[1])
            await until_async(self.stage.pendant_is_ready, "the procedure on the pendant", BACK_S)
            await self._arrive()
            began_us = self.stage.now_us()
            await ben.submit(f"/case/{self.case}/spoke_arrival", {"text": ""})
            await self.feels("cleared", began_us)

    async def end_visit(self) -> None:
        """Ana has left, and Ben has spoken with her."""
        began_us = self.stage.now_us()
        async with self.ben() as ben:
            await ben.submit(f"/case/{self.case}/spoke_departure", {"text": ""})
        felt = await self.feels("closed", began_us, BACK_S)
        await until_async(lambda: not self.record.open_cases(), "an empty board")
        await until_async(lambda: self.stage.now_us() > felt.at_us + CLOSED_PATTERN_US, "the pattern's end")

    async def acknowledge(self) -> None:
        """Ben takes the alarm, and Ana feels that a person has it."""
        began_us = self.stage.now_us()
        async with self.ben() as ben:
            await ben.submit(*self.acknowledging())
        await self.feels("a person has it", began_us, BACK_S)

    def acknowledging(self) -> tuple[str, dict[str, str]]:
        """The path and form of Ben's button."""
        return f"/case/{self.case}/acknowledge", {"text": "", "role": str(w.TRACKER)}

    async def resolve(self) -> None:
        """Ben ends the alarm."""
        began_us = self.stage.now_us()
        async with self.ben() as ben:
            await ben.submit(f"/case/{self.case}/resolve", {"text": "Ana is well.", "sure": "yes"})
        await self.feels("resolved", began_us, BACK_S)

    # -- kill -9, and started again

    async def hub_restarts(self) -> None:
        self.stage.hub.kill()
        await self.stage.start_hub()

    async def broker_restarts(self) -> None:
        await self.broker_is_back(self.kill_broker())

    async def phone_restarts(self) -> None:
        self.stage.phone.kill()
        self.stage.start_phone()

    async def pendant_restarts(self) -> None:
        """Until it looks at its buttons again."""
        await self.stage.board.kill()
        await self.stage.start_board()
        watched = self.stage.board.model
        await until_async(lambda: watched.watchdog_due_us is not None, "the pendant's watchdog", BACK_S)

    def kill_broker(self) -> int:
        """The process id that it had; the hub starts it again by itself."""
        pid = self.stage.broker_pid
        os.kill(pid, signal.SIGKILL)
        return pid

    async def broker_is_back(self, killed: int) -> None:
        """Another process answers in its place."""

        def another_runs() -> bool:
            try:
                return self.stage.broker_pid != killed
            except (FileNotFoundError, ValueError):  # not written yet, or not whole
                return False

        await until_async(another_runs, "the broker that the hub starts again", BACK_S)

    # -- what must hold

    def visit_state(self) -> int:
        return int(self.record.state(self.case).state)

    def alarm_stage(self) -> int:
        return int(self.record.state(self.case).slots[0].stage)

    async def alarm_is_at_hub(self) -> None:
        """The alarm becomes durable; nobody has it yet."""
        await until_async(lambda: self.alarm_stage() == alarm.AT_HUB, "one alarm at the hub", BACK_S)

    def told_of_sos(self) -> list[int]:
        """Who was to be told of an SOS, once for each message."""
        return [person for person, subject in self.record.messages(self.case) if "SOS" in subject]

    async def everything_arrives(self) -> None:
        """Every press so far becomes durable; then none may stand there twice."""
        await until_async(lambda: len(self.record.presses()) >= self.pressed, "every press in the journal", BACK_S)
        self.counted_once()

    def counted_once(self) -> None:
        """Each press is one journal row."""
        keys = [press.key for press in self.record.presses()]
        assert len(set(keys)) == len(keys), f"a press counted twice: {keys}"
        assert len(keys) == self.pressed, f"{self.pressed} presses became {len(keys)} journal rows"

    def visit_times(self) -> dict[str, int]:
        """T_arrive, T_end and the arrival, which nothing in these tests may move."""
        return {name: due_ms for name, due_ms in self.record.deadlines(self.case).items() if " " not in name}

    def nothing_moved(self, before: dict[str, int]) -> None:
        """Every deadline of `before` stands where it stood."""
        after = self.record.deadlines(self.case)
        assert {name: after.get(name) for name in before} == before

    # -- inside

    def _witness(self, felt: Felt) -> None:
        """Runs when a pattern begins: is it true?"""
        if felt.name == "at the hub":
            told = sum(1 for earlier in self.wearer.felt if earlier.name == "at the hub")
            durable = len(self.record.presses())
            if told > durable < self.pressed:  # said again after a restart it is true when nothing is missing
                self.lies.append(f"'at the hub' for the {told}. time with {durable} presses on disk")
        needed = BY_A_PERSON.get(felt.name)
        if needed is not None and not self.record.rows_of(self.case, needed):
            self.lies.append(f"{felt.name!r} before anybody recorded {needed!r}")

    async def _arrive(self) -> None:
        """The first press may come before the plan has reached the pendant: as a wearer does, again."""
        for _ in range(TRIES):
            began_us = await self.press_ok()
            await self.feels("at the hub", began_us)
            await self.everything_arrives()
            if self.visit_state() == visit.AT_DOOR:
                return
        raise AssertionError(f"the pendant did not take the plan; felt: {self.felt_since(self._began_us)}")

    def _plan(self) -> dict[str, str]:
        people = self.stage.people
        now_s = time.time()
        return {
            "pendant": str(self.stage.pendant),
            "procedure": self.stage.procedure,
            "start": _local(now_s),
            "end": _local(now_s + VISIT_S),
            "address": "1 Example Street",
            "client": "A. Client",
            "client_mobile": "07700 900001",
            "first_visit": "yes",
            **{role: str(people[role]) for role in ("worker", "tracker", "manager", "senior")},
        }


def _local(at_s: float) -> str:
    """A time as the plan form takes it, with its offset."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
