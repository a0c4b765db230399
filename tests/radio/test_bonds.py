"""Bonding: only where a value demands it, kept by both sides, used again after restarts."""

from pathlib import Path

import pytest
from bleak.exc import BleakError
from radio_stage import SECRET, Stage, connect

pytestmark = pytest.mark.anyio


async def test_plain_values__no_bond_is_made(stage: Stage, tmp_path: Path) -> None:
    await stage.pendant(bonds=tmp_path / "pendant")
    link = await connect(stage.phone(keys=tmp_path / "phone.json"))
    await link.command(b"nplain")
    await link.next()
    assert not (tmp_path / "phone.json").exists()
    assert not (tmp_path / "pendant").exists()


async def test_value_demands_encryption__bond_is_made_and_used_after_both_restarted(
    stage: Stage, tmp_path: Path
) -> None:
    pendant = await stage.pendant(bonds=tmp_path / "pendant")
    phone = stage.phone(keys=tmp_path / "phone.json")
    link = await connect(phone)
    assert await link.client.read_gatt_char(SECRET) == b"word"
    assert await pendant.says("encrypted") == "True"
    kept = (tmp_path / "phone.json").read_bytes(), (tmp_path / "pendant").read_bytes()
    await link.client.disconnect()
    await pendant.kill()
    await phone.close()

    restarted = await stage.pendant(bonds=tmp_path / "pendant")
    again = await connect(stage.phone(keys=tmp_path / "phone.json"))
    assert await again.client.read_gatt_char(SECRET) == b"word"
    assert await restarted.says("encrypted") == "True"
    assert kept == ((tmp_path / "phone.json").read_bytes(), (tmp_path / "pendant").read_bytes())


async def test_pendant_asks_for_pairing__phone_bonds(stage: Stage, tmp_path: Path) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone(keys=tmp_path / "phone.json"))
    await link.command(b"p")
    assert await pendant.says("encrypted") == "True"


async def test_pendant_forgot_its_bond__clear_error_until_the_phone_forgets_too(stage: Stage, tmp_path: Path) -> None:
    pendant = await stage.pendant()
    phone = stage.phone(keys=tmp_path / "phone.json")
    link = await connect(phone)
    await link.client.read_gatt_char(SECRET)
    await link.client.disconnect()
    await pendant.kill()

    await stage.pendant()
    again = await connect(phone)
    with pytest.raises(BleakError, match="securing the link failed"):
        await again.client.read_gatt_char(SECRET)
    await again.client.unpair()
    anew = await connect(phone)
    assert await anew.client.read_gatt_char(SECRET) == b"word"
