"""`watchword power`: how long a pendant lives on a charge, and where the charge goes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from watchword_hub.cli.refusal import CommandRefused, one_line
from watchword_hub.picture.svg import INK, Box, Canvas

from watchword_sim.checkout import need_checkout
from watchword_sim.power_model import HOURS_PER_DAY, WALTER, BadFigures, Drain, PowerModel

PAGE_MM = (210, 148)
WIDTH = 760.0
BAR_X, BAR_WIDTH, BAR_HEIGHT, ROW = 170.0, 430.0, 16.0, 24.0
BAR_STYLE = 'fill="#2f5d8a"'
MIN_PER_HOUR = 60
LEAST_SHOWN_MAH = 0.001


def power(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    chart: Annotated[Path | None, typer.Option(help="Draw where the charge went, as SVG.")] = None,
    board: Annotated[Path, typer.Option(help="A board's figures.")] = WALTER,
    shift_hours: Annotated[float, typer.Option(help="On duty, simulated.", min=0.1, max=24)] = 3,
    rest_hours: Annotated[float, typer.Option(help="Off duty, simulated.", min=0.1, max=48)] = 1,
) -> None:
    """A day of visits through the firmware in virtual time: hours on duty and days off duty per charge.

    Currents are from datasheets and bounds (power.toml names each), not measured on a board. Example:

    watchword power --chart charge.svg
    """
    need_checkout()
    from watchword_sim.power_day import simulated_day

    with one_line(BadFigures, OSError):
        model = PowerModel(board)
    with tempfile.TemporaryDirectory(prefix="watchword-") as folder:
        try:
            day = simulated_day(Path(folder), shift_hours, rest_hours)
        except TimeoutError as e:
            raise CommandRefused(f"power: the simulated day went wrong: {e}") from e
    with one_line(BadFigures):
        drains, alone = (model.drain(day.on_duty), model.drain(day.off_duty)), model.drain(day.sos_alone)
    outcome = summary(model, *drains) | summary_alone(model, alone)
    outcome["heartbeats"] = day.on_duty.heartbeats
    if chart is not None:
        with one_line(OSError):
            chart.write_text(drawn(model, *drains))
    lines = [*told(model, *drains), *told_alone(model, alone), *told_sources(model)]
    print(json.dumps(outcome) if as_json else "\n".join(lines))


def summary(model: PowerModel, on_duty: Drain, off_duty: Drain) -> dict[str, Any]:
    """What --json prints."""
    hours, days = model.hours(on_duty), model.hours(off_duty) / HOURS_PER_DAY
    return {
        "on_duty_hours": round(hours, 1),
        "off_duty_days": round(days, 1),
        "on_duty_aim_met": hours >= model.aim["on_duty_hours"],
        "off_duty_aim_met": days >= model.aim["off_duty_days"],
        "on_duty_ma": round(on_duty.mean_ma, 3),
        "off_duty_ma": round(off_duty.mean_ma, 3),
        "spendable_mah": round(model.spendable_mah, 1),
        "on_duty_mah": {name: round(mah, 3) for name, mah in on_duty.mah.items()},
        "off_duty_mah": {name: round(mah, 3) for name, mah in off_duty.mah.items()},
    }


def told(model: PowerModel, on_duty: Drain, off_duty: Drain) -> list[str]:
    """The same for a person."""
    lines = [_verdict(model, on_duty, off_duty)]
    for title, drain in (("on duty", on_duty), ("off duty", off_duty)):
        lines += ["", f"{title}, {drain.hours:.1f} h simulated: {drain.mean_ma:.2f} mA on average"]
        lines += _lines(drain)
    return lines


def summary_alone(model: PowerModel, alone: Drain) -> dict[str, Any]:
    """The same of an SOS with no phone there and its Wi-Fi out of reach."""
    return {
        "sos_alone_ma": round(alone.mean_ma, 3),
        "sos_alone_reserve_min": round(model.reserve_mah / alone.mean_ma * MIN_PER_HOUR),
        "sos_alone_mah": {name: round(mah, 3) for name, mah in alone.mah.items()},
    }


def told_alone(model: PowerModel, alone: Drain) -> list[str]:
    """The same for a person."""
    lasts = f"the {model.reserve_mah:g} mAh kept for it last {model.reserve_mah / alone.mean_ma * MIN_PER_HOUR:.0f} min"
    title = f"an SOS with no phone and no Wi-Fi in reach: {alone.mean_ma:.2f} mA on average; {lasts}"
    return ["", title, *_lines(alone)]


def told_sources(model: PowerModel) -> list[str]:
    """How much of it is known."""
    counted = [table["known"] for _, table in model.sourced()]
    words = ", ".join(f"{counted.count(known)} {known}" for known in ("read", "recalled", "chosen"))
    return ["", f"No board was measured. Figures of power.toml by source: {words}."]


def drawn(model: PowerModel, on_duty: Drain, off_duty: Drain) -> str:
    """The chart as an SVG file."""
    canvas = Canvas(WIDTH)
    canvas.text(12, 10, "Where the charge goes", 18, bold=True)
    canvas.text(12, 36, _verdict(model, on_duty, off_duty))
    top = 66.0
    for title, drain in (("On duty", on_duty), ("Off duty", off_duty)):
        canvas.text(12, top, f"{title}: {drain.mean_ma:.2f} mA on average over {drain.hours:.1f} h", bold=True)
        top += ROW
        for name, mah, share in _shares(drain):
            canvas.text(24, top, name)
            canvas.box(Box(BAR_X, top, max(1.0, BAR_WIDTH * share), BAR_HEIGHT), BAR_STYLE, radius=0)
            canvas.text(BAR_X + max(1.0, BAR_WIDTH * share) + 8, top, f"{share:.1%}, {mah:.2f} mAh", ink=INK)
            top += ROW
        top += 12
    canvas.text(12, top, "From datasheets and bounds (power.toml), not measured on a board.", 12)
    words = " ".join([*told(model, on_duty, off_duty), *told_sources(model)])
    return canvas.written("Where the charge goes", words, PAGE_MM)


def _verdict(model: PowerModel, on_duty: Drain, off_duty: Drain) -> str:
    hours, days = model.hours(on_duty), model.hours(off_duty) / HOURS_PER_DAY
    aims = model.aim["on_duty_hours"], model.aim["off_duty_days"]
    words = ["met" if reached >= aim else "MISSED" for reached, aim in zip((hours, days), aims, strict=True)]
    return (
        f"{hours:.1f} h on duty per charge (aim {aims[0]} h: {words[0]}), "
        f"or {days:.1f} days off duty (aim {aims[1]}: {words[1]})"
    )


def _lines(drain: Drain) -> list[str]:
    return [f"  {name:<16}{mah:9.3f} mAh  {share:5.1%}" for name, mah, share in _shares(drain)]


def _shares(drain: Drain) -> list[tuple[str, float, float]]:
    whole = sum(drain.mah.values())
    return [(name, mah, mah / whole) for name, mah in drain.mah.items() if mah >= LEAST_SHOWN_MAH]
