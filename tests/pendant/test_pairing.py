"""Phones are made known by a technician alone; what a phone that isn't gets; what an old bond survives."""

import asyncio
from pathlib import Path

from pendant import felt
from pendant.links import AUTHENTICATE_MS
from waiting import until_async
from watchword_core import words as w
from watchword_sim.outputs import WatchdogStarted
from watchword_sim.radio import make_backend
from worn import LATE_S, UP, WITHIN_S, Stranger, Worn

PHONE = "F0:F1:F2:F3:F4:F5"


async def made_known(ana: Worn, keys: Path) -> None:
    """Ana's phone, which keeps its bonds in `keys`, is made known and in use."""
    await ana.board.kill()
    await ana.let_pair()
    await ana.phone.close()
    ana.phone = make_backend(ana.air.hci_port, PHONE, keys, 15)
    await ana.board.start()
    await ana.connect()
    await until_async(lambda: "no more phones" in ana.board.stdout, "the phone is known", WITHIN_S)


async def restarted(ana: Worn, keys: Path) -> None:
    """Pendant and phone, both."""
    await ana.disconnect()
    await ana.board.kill()
    await ana.phone.close()
    ana.phone = make_backend(ana.air.hci_port, PHONE, keys, 15)
    await ana.board.start()
    await ana.board.wait_for(lambda o: isinstance(o, WatchdogStarted), WITHIN_S)


def test_made_known_once__carries_over_an_encrypted_link_after_both_restarted(wear, tmp_path):
    async def scenario():
        async with wear() as ana:
            await made_known(ana, tmp_path / "phone")
            bond = (tmp_path / "phone").read_bytes()
            await restarted(ana, tmp_path / "phone")
            ana.heard.clear()
            await ana.connect()
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)
            assert "no more phones" not in ana.board.stdout.rsplit("watchword pendant", 1)[1]
            assert (tmp_path / "phone").read_bytes() == bond

    asyncio.run(scenario())


def test_stranger_pairs_without_the_technician__hears_nothing_and_is_let_go(wear, tmp_path):
    async def scenario():
        async with wear() as ana:
            await made_known(ana, tmp_path / "phone")
            await restarted(ana, tmp_path / "phone")
            heard = []
            async with Stranger(ana) as stranger:
                await stranger.client.start_notify(UP, lambda _, frame: heard.append(bytes(frame)))
                await stranger.client.pair()
                assert await stranger.is_let_go() <= AUTHENTICATE_MS / 1000 + LATE_S
            assert heard == []
            await ana.connect()
            await until_async(lambda: ana.heard, "the known phone hears", WITHIN_S)

    asyncio.run(scenario())


def test_somebody_with_the_phones_address_pairs_anew__the_bond_outlives_it(wear, tmp_path):
    async def scenario():
        async with wear() as ana:
            await made_known(ana, tmp_path / "phone")
            await restarted(ana, tmp_path / "phone")
            impostor = Stranger(ana)
            impostor.backend = make_backend(ana.air.hci_port, PHONE, None, 15)
            async with impostor:
                heard = []
                await impostor.client.start_notify(UP, lambda _, frame: heard.append(bytes(frame)))
                await impostor.client.pair()
                await impostor.is_let_go()
            assert heard == []
            await ana.connect()
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)

    asyncio.run(scenario())


def test_no_known_phone_is_near_and_ana_raises_an_alarm__any_carrier_will_do(wear, tmp_path):
    async def scenario():
        async with wear() as ana:
            await made_known(ana, tmp_path / "phone")
            await restarted(ana, tmp_path / "phone")
            await ana.hold("sos", felt.KEPT)
            await ana.phone.close()
            ana.phone = make_backend(ana.air.hci_port, "F0:F1:F2:F3:F4:00", None, 15)
            await ana.connect()
            await ana.feels(felt.AT_HUB)
            assert ana.hub.events() == [w.SOS]

    asyncio.run(scenario())


def test_phone_forgot_the_pendant__turned_away_until_a_technician_makes_it_known_anew(wear, tmp_path):
    async def scenario():
        async with wear() as ana:
            await made_known(ana, tmp_path / "phone")
            await restarted(ana, tmp_path / "another")
            ana.heard.clear()
            await ana.connect()
            await until_async(lambda: not ana.client.is_connected, "it is let go of", WITHIN_S)
            assert ana.heard == []
            await made_known(ana, tmp_path / "another")
            await until_async(lambda: ana.heard, "it hears", WITHIN_S)

    asyncio.run(scenario())


def test_the_known_phone_loses_its_network__another_one_takes_over_beside_it(wear, tmp_path):
    async def scenario():
        async with wear() as ana:
            await made_known(ana, tmp_path / "phone")
            await ana.hold("sos", felt.KEPT)  # in an alarm a carrier fades soon
            await ana.feels(felt.AT_HUB)
            ana.answers = False
            first, ana.phone = ana.client, make_backend(ana.air.hci_port, "F0:F1:F2:F3:F4:F6", None, 15)
            await ana.connect()
            assert first.is_connected
            ana.answers = True
            await until_async(lambda: not first.is_connected, "the second is in use", WITHIN_S)
            assert ana.client.is_connected

    asyncio.run(scenario())
