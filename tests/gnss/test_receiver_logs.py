"""Real receivers' logs through the pendant's own code: every fix that gpsd reads in them, and none besides."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from watchword_hub.cli.refusal import CommandRefused
from watchword_sim.replay import changes_of_fix, replay

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "nmea" / "develop" / "streams"
SENTENCES = STREAMS.parent / "sentences.jsonl"
LOGS: list[dict[str, Any]] = json.loads((STREAMS / "INDEX.json").read_text()) if STREAMS.exists() else []
NEAR_DEG = 2e-6
NEAR_MPS = 0.1
# gpsd says that there is a fix where the receiver's own RMC says void and its GGA nothing: not for us.
VOID = {"myguide-3100.log"}
EDGE = 2  # gpsd reports whole cycles, so the first and last may be cut; alone, a GGA gets a speed worked out by gpsd

pytestmark = pytest.mark.skipif(not LOGS, reason="../shared/data is not here")


def near(row: dict[str, Any], fix: dict[str, Any]) -> bool:
    return abs(row["lat"] - fix["lat"]) < NEAR_DEG and abs(row["lon"] - fix["lon"]) < NEAR_DEG


def last_of_each_cycle(fixes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """gpsd reports a cycle as it comes in, first with a speed that it worked out of two places; the last is whole."""
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for fix in fixes:
        last[fix.get("time"), fix["lat"], fix["lon"]] = fix
    return list(last.values())


@pytest.mark.parametrize("log", LOGS, ids=lambda entry: entry["log"])
def test_each_fix_is_there_and_none_is_made_up(log: dict[str, Any]) -> None:
    *rows, counts = changes_of_fix(STREAMS / log["log"])
    lines = (STREAMS / f"{log['log']}.fixes.jsonl").read_text().splitlines()
    fixes = [f for f in map(json.loads, lines) if f.get("mode", 0) >= 2 and "lat" in f]
    ours = [row for row in rows if row["valid"]]
    missed = [
        fix
        for fix in last_of_each_cycle(fixes)
        if not any(
            near(row, fix) and ("speed" not in fix or abs((row["speed_mps"] or 0.0) - fix["speed"]) <= NEAR_MPS)
            for row in ours
        )
    ]
    made_up = [row for row in ours if not any(near(row, fix) for fix in fixes)]
    if log["log"] not in VOID:
        assert len(missed) <= EDGE, missed[:3]
    assert len(made_up) <= EDGE, made_up[:3]
    assert counts["bad"] >= log["bad_checksum"] and counts["sentences"] > 0


def test_every_corrupt_sentence_is_refused(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in SENTENCES.read_text().splitlines()]
    wrong = [row["sentence"] for row in rows if row.get("checksum_ok") is False and row["sentence"].startswith("$")]
    log = tmp_path / "corrupt.log"
    log.write_bytes(b"".join(sentence.encode("latin-1") + b"\r\n" for sentence in wrong))
    assert wrong and list(changes_of_fix(log)) == [{"sentences": 0, "bad": len(wrong)}]


def test_the_command_prints_one_object_a_line() -> None:
    ran = CliRunner().invoke(replay, ["gnss", str(STREAMS / "ac12.log"), "--json"])
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.exit_code == 0 and set(rows[0]) == {"time", "lat", "lon", "speed_mps", "valid"}
    assert set(rows[-1]) == {"sentences", "bad"}


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandRefused, match="no such file"):
        CliRunner().invoke(replay, ["gnss", "nowhere.log"], catch_exceptions=False)
