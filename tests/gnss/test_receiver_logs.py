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
EDGE = 2  # gpsd reports whole cycles, so the first and last may be cut; see last_of_each_cycle
# Every other second of it has a GGA and no RMC: gpsd works a speed out of two places, we keep the receiver's last one.
SPEED_WORKED_OUT = "tn204.log"

pytestmark = pytest.mark.skipif(not LOGS, reason="../shared/data is not here")


def near(row: dict[str, Any], fix: dict[str, Any]) -> bool:
    return abs(row["lat"] - fix["lat"]) < NEAR_DEG and abs(row["lon"] - fix["lon"]) < NEAR_DEG


def agree(row: dict[str, Any], fix: dict[str, Any], log: str) -> bool:
    same_speed = "speed" not in fix or (
        row["speed_mps"] is not None and abs(row["speed_mps"] - fix["speed"]) <= NEAR_MPS
    )
    return near(row, fix) and (same_speed or log == SPEED_WORKED_OUT)


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
    ours, theirs = [row for row in rows if row["valid"]], last_of_each_cycle(fixes)
    missed = [i for i, fix in enumerate(theirs) if not any(agree(row, fix, log["log"]) for row in ours)]
    made_up = [i for i, row in enumerate(ours) if not any(near(row, fix) for fix in fixes)]
    assert all(i < EDGE or i >= len(theirs) - EDGE for i in missed), [theirs[i] for i in missed]
    assert all(i in (0, len(ours) - 1) for i in made_up), [ours[i] for i in made_up]
    assert counts["bad"] >= log["bad_checksum"] and counts["sentences"] > 0


def test_every_corrupt_sentence_is_refused(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in SENTENCES.read_text().splitlines()]
    without = [row for row in rows if row["kind"] != "valid" and not row["checksum_ok"]]  # cut, altered, or it has none
    wrong = [row["sentence"] for row in without if row["sentence"].startswith("$")]
    log = tmp_path / "corrupt.log"
    log.write_bytes(b"".join(sentence.encode("latin-1") + b"\r\n" for sentence in wrong))
    assert len(wrong) > 50 and list(changes_of_fix(log)) == [{"sentences": 0, "bad": len(wrong)}]


def test_the_command_prints_one_object_a_line() -> None:
    ran = CliRunner().invoke(replay, ["gnss", str(STREAMS / "ac12.log"), "--json"])
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.exit_code == 0 and set(rows[0]) == {"time", "lat", "lon", "speed_mps", "valid"}
    assert set(rows[-1]) == {"sentences", "bad"}


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandRefused, match="No such file"):
        CliRunner().invoke(replay, ["gnss", "nowhere.log"], catch_exceptions=False)


def test_a_folder_is_refused_and_an_empty_log_has_nothing_to_tell(tmp_path: Path) -> None:
    with pytest.raises(CommandRefused, match="Is a directory"):
        CliRunner().invoke(replay, ["gnss", str(tmp_path)], catch_exceptions=False)
    (tmp_path / "empty.log").write_bytes(b"")
    ran = CliRunner().invoke(replay, ["gnss", str(tmp_path / "empty.log"), "--json"], catch_exceptions=False)
    assert json.loads(ran.stdout) == {"sentences": 0, "bad": 0}


def test_a_log_comes_by_standard_input_too() -> None:
    log = STREAMS / "ac12.log"
    by_name, by_stdin = (
        CliRunner().invoke(replay, ["gnss", str(file), "--json"], input=log.read_bytes()) for file in (log, "-")
    )
    assert by_name.exit_code == by_stdin.exit_code == 0 and by_name.stdout == by_stdin.stdout
