"""The figures of power.toml, and what is made of them."""

from pathlib import Path

import pytest
from watchword_sim.power import drawn, summary, summary_alone, told, told_alone
from watchword_sim.power_model import WALTER, BadFigures, Drain, PowerModel, Usage

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


def on_duty(mhz: int = 160) -> Usage:
    return Usage(awake={mhz: HOUR_S}, linked=HOUR_S, gnss=HOUR_S, frames=720, motor=10, led=180)


def altered(folder: Path, old: str, new: str) -> Path:
    text = WALTER.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {WALTER}"
    file = folder / "power.toml"
    file.write_text(text.replace(old, new))
    return file


def test_every_figure_names_its_source_and_how_it_is_known() -> None:
    model = PowerModel()
    assert len(model.sourced()) > 10
    assert all(len(table["source"]) > 10 for _, table in model.sourced() if table["known"] != "chosen")


def test_a_figure_without_a_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFigures, match=r"parts\.led"):
        PowerModel(altered(tmp_path, 'source = "resistor for 5 mA"\n', ""))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("[cell]", "[cell", "power.toml: "),
        ("capacity_mah = 1000", 'capacity_mah = "much"', r"\[cell\] needs capacity_mah"),
        ("capacity_mah = 1000", "capacity_mah = nan", r"\[cell\] needs capacity_mah"),
        ("leak_ma = 0.04", "", r"\[cell\] needs leak_ma"),
        ("interval_ms = 100", "interval_ms = 0", r"\[radio\.advert\] needs interval_ms"),
        ("80 = 36.1", "80 = -36.1", r"\[processor\.idle_ma\] needs 80"),
        ("ma = 85", "ma = inf", r"\[parts\.motor\] needs ma"),
        ("[radio.wifi]", "[radio.other]", r"no \[radio\.wifi\]"),
        ("[aim]", "[aims]", r"no \[aim\]"),
    ],
)
def test_a_figure_that_is_missing_or_can_not_be_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(BadFigures, match=why):
        PowerModel(altered(tmp_path, old, new))


def test_a_part_that_is_on_at_no_known_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFigures, match=r"parts\.motor"):
        PowerModel(altered(tmp_path, 'when = "motor"', 'when = "sometimes"'))


def test_a_clock_without_a_figure_is_refused() -> None:
    with pytest.raises(BadFigures, match="20 MHz"):
        PowerModel().drain(on_duty(mhz=20))


def test_the_charge_is_current_by_time() -> None:
    mah = PowerModel().drain(on_duty()).mah
    assert mah["motor"] == pytest.approx(85 * 10 / 3600)
    assert mah["gnss"] == pytest.approx(25)
    assert mah["processor"] == pytest.approx(42.3 * 0.95 + 54.6 * 0.05)


def test_a_longer_connection_interval_and_a_slower_clock_cost_less() -> None:
    model = PowerModel()
    rare = on_duty()
    rare.interval_ms = 45
    assert model.drain(rare).mah["radio, linked"] < model.drain(on_duty()).mah["radio, linked"] / 2
    assert model.drain(on_duty(80)).mah["processor"] < model.drain(on_duty(160)).mah["processor"]


def test_the_reserve_for_an_sos_is_not_spent() -> None:
    assert PowerModel().spendable_mah == pytest.approx(1000 * 0.85 - 50)
    assert PowerModel().hours(Drain(hours=2, mah={"all": 160})) == pytest.approx(10)


def test_asleep_only_what_is_always_on_draws_and_two_weeks_are_reached() -> None:
    model = PowerModel()
    drain = model.drain(Usage(asleep=DAY_S))
    assert drain.mah["gnss"] == drain.mah["radio, adverts"] == 0
    assert model.hours(drain) > 14 * 24


def test_an_aim_that_is_missed_is_said_so_in_words_figures_and_picture() -> None:
    model = PowerModel()
    drain = Drain(hours=1, mah={"processor": 100.0})
    outcome = summary(model, drain, drain)
    assert outcome["on_duty_hours"] == 8 and not outcome["on_duty_aim_met"] and not outcome["off_duty_aim_met"]
    assert "MISSED" in told(model, drain, drain)[0]
    assert "MISSED" in drawn(model, drain, drain) and "100.0%, 100.00 mAh" in drawn(model, drain, drain)


def test_wifi_counts_while_it_is_on_and_an_sos_alone_is_told_by_what_the_reserve_lasts() -> None:
    model = PowerModel()
    looking = Usage(awake={80: HOUR_S}, wifi=HOUR_S / 2)
    mah = model.drain(looking).mah["Wi-Fi"]
    assert mah == pytest.approx((0.98 * 97 + 0.02 * 340 - 36.1) / 2)
    assert model.drain(Usage(awake={80: HOUR_S})).mah["Wi-Fi"] == 0
    alone = Drain(hours=0.5, mah={"processor": 20.0, "Wi-Fi": 30.0})
    assert summary_alone(model, alone)["sos_alone_reserve_min"] == 30
    assert "the 50 mAh kept for it last 30 min" in told_alone(model, alone)[1]
