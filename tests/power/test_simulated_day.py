"""The meter, on the whole firmware in virtual time."""

import json
from pathlib import Path

import pytest
from typer import Typer
from watchword_hub.cli.app import run
from watchword_sim.power import power
from watchword_sim.power_day import Meter
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000


def test_what_the_pendant_does_is_what_is_counted(tmp_path: Path) -> None:
    with VirtualStage(tmp_path) as stage:
        meter = Meter(stage)
        stage.run(60 * SECOND)
        idle = meter.usage()
        stage.tap_ok()
        stage.run(10 * SECOND)
        pressed = meter.usage()
        stage.lose_power()
    assert abs(idle.seconds - 60) < 0.01 and sum(idle.awake.values()) == idle.seconds
    assert 55 < idle.linked <= 60 and 0 < idle.advertising < 5
    assert idle.heartbeats >= 2 and idle.frames == 2 * idle.heartbeats
    assert idle.motor == idle.led == 0, "watched and at rest, nothing is on"
    assert 0.05 < pressed.motor < 3


def command(*arguments: str) -> int:
    app = Typer()
    app.command()(power)
    return run(app, arguments)


def test_the_command_writes_figures_and_chart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart = tmp_path / "charge.svg"
    assert command("--json", "--chart", str(chart), "--shift-hours", "0.1", "--rest-hours", "0.1") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["on_duty_hours"] > 5 and told["on_duty_mah"]["processor"] > 1
    assert told["sos_alone_mah"]["Wi-Fi"] > told["sos_alone_mah"]["gnss"] > 0 == told["on_duty_mah"]["Wi-Fi"]
    assert 15 < told["sos_alone_reserve_min"] < 60
    assert chart.read_text().startswith("<svg")


def test_a_board_without_figures_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--board", str(tmp_path / "none.toml")) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
