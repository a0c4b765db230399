"""`watchword demo --check`: one visit with an SOS, played through the real parts by a wearer and a tracker.

Every step is something that was seen: felt at the pendant, shown by the console, or heard on its stream. `broken` names
one step that is left out on purpose, so that one can see the check fail.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from watchword_core import alarm, visit
from watchword_core import words as w

if TYPE_CHECKING:  # the command line names the steps without loading what plays them
    from watchword_sim.stage import Stage
    from watchword_sim.visitor import Heard, Visitor
    from watchword_sim.wearer import Wearer

SEEN_WITHIN_S = 15.0
READY_WITHIN_S = 40.0  # from switching on: found by the phone, known to the hub, the procedure sent
CALL_BACK_MIN = 20
VISIT_MIN = 12 * 60  # of real time: the finish is not part of the check
POLL_S = 0.05

STEPS = (
    "arrive",
    "refuse",
    "speak",
    "call-back",
    "sos",
    "console",
    "acknowledge",
    "resolve",
    "depart",
    "close",
)


class StepFailed(Exception):
    """A step was not seen; says which, and what was seen instead."""


@dataclass
class Check:
    """One run. `play` raises StepFailed; `figures` are CONTRACTS' milliseconds; `told` takes a line for each step."""

    stage: Stage
    visitor: Visitor
    wearer: Wearer
    broken: str | None = None
    told: Callable[[str], None] = lambda _line: None
    figures: dict[str, float] = field(default_factory=dict)
    _case: int = 0
    _sos_us: int = 0

    async def play(self) -> None:
        """All steps in order."""
        import httpx  # which the visitor has loaded; the command line names the steps without it

        await self._plan()
        for name in STEPS:
            step: Callable[[], Awaitable[None]] = getattr(self, "_" + name.replace("-", "_"))
            try:
                await step()
            except (TimeoutError, RuntimeError, LookupError, httpx.HTTPError) as e:
                raise StepFailed(f"step {name!r} was not seen: {str(e) or type(e).__name__}") from e
            self.told(f"{name}: seen")

    # -- the steps

    async def _plan(self) -> None:
        if self.broken != "console":
            self.visitor.listen()
        people = self.stage.people
        now = time.time()
        form = {
            "pendant": str(self.stage.pendant),
            "procedure": self.stage.procedure,
            "start": _local(now),
            "end": _local(now + VISIT_MIN * 60),
            "address": "1 Example Street",
            "client": "A. Client",
            "client_mobile": "07700 900001",
            "first_visit": "yes",
            **{role: str(people[role]) for role in ("worker", "tracker", "manager", "senior")},
        }
        answer = await self.visitor.submit("/plan", form)
        self._case = int(answer.headers["location"].rsplit("/", 1)[1])
        await self._until("the pendant has its procedure", lambda _case: self.stage.pendant_is_ready(), READY_WITHIN_S)

    async def _arrive(self) -> None:
        began = await self._press_ok("arrive")
        await self.wearer.until_felt("kept", began, SEEN_WITHIN_S)
        await self.wearer.until_felt("at the hub", began, SEEN_WITHIN_S)
        await self._until("at the door", lambda case: case["state"] == visit.AT_DOOR)

    async def _refuse(self) -> None:
        began = await self._press_ok("refuse")
        await self.wearer.until_felt("refused", began, SEEN_WITHIN_S)

    async def _speak(self) -> None:
        began = self.stage.now_us()
        if self.broken != "speak":
            await self._record("spoke_arrival")
        await self.wearer.until_felt("cleared", began, SEEN_WITHIN_S)
        await self._until("inside", lambda case: case["state"] == visit.INSIDE)

    async def _call_back(self) -> None:
        wait_s = CALL_BACK_MIN * self.stage.minute_s
        self.told(f"call-back: due {wait_s:g} s after the arrival (--minute makes it shorter)")
        within = SEEN_WITHIN_S + wait_s
        task = await self._until_task(w.CALL, within)
        await self.wearer.until_felt("prompt", 0, within)
        if self.broken != "call-back":
            await self._record("safe", task=str(task["id"]))
        await self._until("call-back done", lambda case: not _tasks(case, w.CALL))

    async def _sos(self) -> None:
        began = self.stage.now_us()
        self._sos_us = await self.wearer.hold_sos() if self.broken != "sos" else began
        await self.wearer.until_felt("kept", began, SEEN_WITHIN_S)
        felt = await self.wearer.until_felt("at the hub", self._sos_us, SEEN_WITHIN_S)
        self.figures["sos_to_felt_hub_ms"] = self._since_sos(felt.at_us)

    async def _console(self) -> None:
        heard = await self.visitor.until_heard(self._is_our_sos, SEEN_WITHIN_S)
        self.figures["sos_to_console_ms"] = self._since_sos(heard.at_us)
        self.figures["sos_to_hub_ms"] = self._since_sos(self.stage.hub_us(self.stage.recorded_ms(heard.seq)))

    async def _acknowledge(self) -> None:
        began = self.stage.now_us()
        if self.broken != "acknowledge":
            await self._record("acknowledge", role=str(w.TRACKER))
        felt = await self.wearer.until_felt("a person has it", began, SEEN_WITHIN_S)
        self.figures["ack_to_felt_person_ms"] = (felt.at_us - began) / 1000
        await self._until("with a person", lambda case: _stage(case) == alarm.WITH_PERSON)

    async def _resolve(self) -> None:
        began = self.stage.now_us()
        if self.broken != "resolve":
            await self._record("resolve", text="Ana is well: it was a drill.", sure="yes")
        await self.wearer.until_felt("resolved", began, SEEN_WITHIN_S)
        await self._until("resolved", lambda case: _stage(case) in (alarm.RESOLVED, alarm.NONE))

    async def _depart(self) -> None:
        began = self.stage.now_us()
        if self.broken != "depart":
            await self.wearer.hold_ok()
        await self.wearer.until_felt("at the hub", began, SEEN_WITHIN_S)
        await self._until("leaving", lambda case: case["state"] == visit.LEAVING)

    async def _close(self) -> None:
        began = self.stage.now_us()
        if self.broken != "close":
            await self._record("spoke_departure")
        await self.wearer.until_felt("closed", began, SEEN_WITHIN_S)
        async with asyncio.timeout(SEEN_WITHIN_S):
            while any(case["id"] == self._case for case in (await self.visitor.overview())["cases"]):
                await asyncio.sleep(POLL_S)

    # -- doing and seeing

    async def _press_ok(self, step: str) -> int:
        began = self.stage.now_us()
        if self.broken != step:
            await self.wearer.press_ok()
        return began

    async def _record(self, act: str, **form: str) -> None:
        await self.visitor.submit(f"/case/{self._case}/{act}", {"text": "", **form})

    async def _until(
        self, what: str, seen: Callable[[dict[str, Any]], bool], within_s: float = SEEN_WITHIN_S
    ) -> dict[str, Any]:
        try:
            async with asyncio.timeout(within_s):
                while True:
                    for case in (await self.visitor.overview())["cases"]:
                        if case["id"] == self._case and seen(case):
                            found: dict[str, Any] = case
                            return found
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise TimeoutError(f"the console did not show {what!r} within {within_s:.0f} s") from None

    async def _until_task(self, verb: int, within_s: float) -> dict[str, Any]:
        case = await self._until("a call to make", lambda case: bool(_tasks(case, verb)), within_s)
        return _tasks(case, verb)[0]

    def _is_our_sos(self, event: Heard) -> bool:
        return event.name == "alarm" and event.content.get("case") == self._case and event.at_us >= self._sos_us

    def _since_sos(self, at_us: float) -> float:
        return round((at_us - self._sos_us) / 1000, 3)


def _tasks(case: dict[str, Any], verb: int) -> list[dict[str, Any]]:
    return [task for task in case["tasks"] if task["verb"] == verb]


def _stage(case: dict[str, Any]) -> int:
    stages = [slot["stage"] for slot in case["alarms"] if slot["kind"] == w.SOS]
    return stages[-1] if stages else alarm.NONE


def _local(at_s: float) -> str:
    """A time as the plan form takes it, with its offset."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
