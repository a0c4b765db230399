"""The phone is dead, and an SOS goes by the pendant's own network: real parts, the phone killed and started again.

As throughout this folder, the witness checks each pattern against the hub's disk at the moment it is felt.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ana_at_work import BACK_S, AnaAtWork
from outside import Outside
from waiting import until_async
from watchword_core import alarm
from watchword_hub import control
from watchword_sim.stage import PENDANT

WITHIN_S = 10.0  # after which "not getting through" would be felt
BY_PENDANT = f"pendant-{PENDANT:08x}"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ana(tmp_path: Path) -> AsyncIterator[AnaAtWork]:
    """Ana, inside on a visit, with a pendant that has a second path."""
    async with Outside() as outside, AnaAtWork(tmp_path, outside, second_path=True) as ana:
        await ana.begin_visit()
        yield ana
        ana.counted_once()
        assert ana.lies == []


async def test_the_phone_is_dead__ana_pulls_the_lanyard_and_feels_it_at_the_hub__ben_sees_one_alarm(
    ana: AnaAtWork,
) -> None:
    ana.stage.phone.kill()
    pulled_us = await ana.pull_lanyard()
    await ana.feels("at the hub", pulled_us, WITHIN_S)
    assert "not getting through" not in ana.felt_since(pulled_us)
    assert ana.alarm_stage() == alarm.AT_HUB
    told = ana.told_of_sos()
    assert len(told) == len(set(told)) > 0

    await ana.acknowledge()  # Ana feels by the same way that Ben has it

    ana.stage.start_phone()
    await until_async(lambda: "second path: left" in ana.stage.board.stdout, "the phone's link", BACK_S)
    again_us = await ana.press_ok()
    await ana.feels("at the hub", again_us, BACK_S)
    await ana.resolve()
    await ana.everything_arrives()
    assert ana.told_of_sos() == told
    assert ana.record.rows_of(ana.case, "sos") == 1
    assert ana.stage.board.stdout.count("second path: open") == 1
    await ana.end_visit()


async def test_a_revoked_pendant_is_let_into_the_broker_no_more(ana: AnaAtWork) -> None:
    passwords = ana.stage.data_dir / "broker" / "bridges"
    assert (passwords / f"{BY_PENDANT}.password").exists()
    ana.stage.phone.kill()
    pulled_us = await ana.pull_lanyard()
    await ana.feels("at the hub", pulled_us, WITHIN_S)

    control.ask(ana.stage.data_dir, "revoke", pendant=PENDANT)
    password = passwords / f"{BY_PENDANT}.password"
    await until_async(lambda: not password.exists(), "the broker's forgetting", BACK_S)
    await until_async(lambda: "second path: refused" in ana.stage.board.stdout, "the broker's no", BACK_S)
