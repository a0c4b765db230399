"""Both measurements run, on sizes too small to measure, and print what docs/benchmarks.md promises."""

import json

from watchword_hub.cli import app as cli
from watchword_sim.bench.commands import bench
from watchword_sim.bench.figures import over, percentile


def measured(capsys, *arguments):
    assert cli.run(bench, [*arguments, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_an_sos_is_timed_beside_its_floor(capsys):
    result = measured(capsys, "sos", "--presses", "1", "--interval-ms", "15")
    run = result["intervals"]["15_ms"]
    assert set(run) == {"floor", "durable", "console", "felt"}
    assert set(run["floor"]) == {"notify", "write", "publish", "commit"}
    for step in ("durable", "console", "felt"):
        assert {"p50_ms", "p99_ms", "floor_p50_ms", "floor_p99_ms", "p50_ratio", "p99_ratio"} <= set(run[step])
    assert run["durable"]["p50_ms"] <= run["console"]["p50_ms"]


def test_intake_is_timed_beside_its_floor(capsys):
    result = measured(capsys, "intake", "--seconds", "0.01", "--pendants", "8")
    assert set(result["frame_to_durable_at_half"]) == {"frames_per_s", "p50_ms", "p99_ms"}
    assert {"durable_frames_per_s", "bare_receive_per_s", "bare_store_rows_per_s"} <= set(result)
    assert {"heartbeats", "mixed", "presses"} <= set(result["sustained"])
    assert result["press_costs_heartbeats"] >= 0
    assert {"unseal", "machines", "store"} <= set(result["engine_us_per_frame"])


def test_a_percentile_is_one_of_the_values():
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(i) for i in range(1, 101)], 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0
    assert over(3, 2) == 1.5
