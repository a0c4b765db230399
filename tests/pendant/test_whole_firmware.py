"""main.py itself, from the button to what is felt, over the simulated radio."""

import asyncio

from bleak import BleakScanner
from pendant import felt
from waiting import until_async
from watchword_core import words as w
from watchword_core.ticks import PERIOD_MS
from watchword_sim.outputs import LedChanged, WatchdogStarted


def test_sos_held__kept_at_the_hub_a_person_has_it_resolved(wear):
    async def scenario():
        async with wear() as ana:
            await ana.board.wait_for(lambda o: isinstance(o, WatchdogStarted))
            await ana.connect()
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)
            assert ana.hub.events() == [w.SOS]
            ana.hub.person(w.ACKNOWLEDGED, 0)
            await ana.feels(felt.PERSON_HAS_IT)
            ana.hub.person(w.RESOLVED, 0)
            await ana.feels(felt.RESOLVED)

    asyncio.run(scenario())


def test_power_cut_in_mid_sos__the_hub_gets_it_once_after_the_reboot(wear):
    async def scenario():
        async with wear() as ana:
            await ana.board.wait_for(lambda o: isinstance(o, WatchdogStarted))
            ana.board.pull_lanyard()
            await ana.feels(felt.KEPT)
            await ana.board.kill()
            ana.board.release("lanyard")
            await ana.board.start()
            await ana.connect()
            await ana.feels(felt.AT_HUB)
            assert ana.hub.events() == [w.SOS]

    asyncio.run(scenario())


def test_the_link_is_lost_and_comes_back__the_press_in_between_arrives_once(wear):
    async def scenario():
        async with wear() as ana:
            await ana.connect()
            await ana.disconnect()
            ana.board.press("ok")
            ana.board.release("ok")
            await ana.feels(felt.KEPT)
            await ana.connect()
            await ana.feels(felt.AT_HUB)
            assert ana.hub.events() == [w.CHECKED_IN]

    asyncio.run(scenario())


def test_ticks_wrap_while_it_is_worn__it_goes_on(wear):
    async def scenario():
        async with wear(ticks_start_ms=PERIOD_MS - 2_000) as ana:
            await ana.connect()
            await ana.hold("sos", felt.KEPT)  # 3 s: across the wrap
            await ana.feels(felt.AT_HUB)

    asyncio.run(scenario())


def test_without_a_key_it_blinks_and_is_not_on_the_air(wear):
    async def scenario():
        async with wear(provisioned=False) as ana:
            await ana.board.wait_for(lambda o: isinstance(o, LedChanged) and o.duty_u16 > 0)
            await until_async(lambda: "provision" in ana.board.stdout, "it says what to do")
            found = await BleakScanner.discover(timeout=0.5, backend=ana.phone.scanner)
            assert found == []

    asyncio.run(scenario())
