"""Pictures of procedures and rehearsals: everything is said, nothing overlaps, nothing in them runs or loads."""

import json
import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watchword_core import words as w
from watchword_hub.cli import app as cli
from watchword_hub.picture import happened, ladder, plain, sheet
from watchword_hub.picture.svg import Canvas, text_width, wrapped
from watchword_hub.procedure_words import ANSWERS, PLAN, ROLES, STARTS
from watchword_hub.procedures import built_in_names, compile_text, load
from watchword_hub.rehearse import play, read_timeline

NAMES = [*built_in_names(), "general"]
SVG = "{http://www.w3.org/2000/svg}"
TIMELINE = """
{"plan": {"worker": "Ana", "tracker": "Ben", "manager": "Cora", "senior": "Dev", "emergency_contacts": ["Eli"],
 "start": "2026-03-28T22:00:00Z", "end": "2026-03-29T00:00:00Z", "risk": "identified"}}
{"at": "2026-03-28T22:00:00Z", "event": "arrived"}
{"at": "2026-03-28T22:02:00Z", "event": "spoke", "with": "tracker"}
{"at": "2026-03-28T22:23:00Z", "event": "call_result", "by": "tracker", "result": "no_answer"}
{"at": "2026-03-28T22:40:00Z", "event": "spoke", "with": "manager"}
{"at": "2026-03-28T22:50:00Z", "event": "sos"}
{"at": "2026-03-28T22:52:00Z", "event": "restart"}
{"until": "2026-03-29T03:00:00Z"}
""".replace(",\n", ", ")


def overlaps(canvas: Canvas) -> list[str]:
    """Texts that share a place, or stand outside of the picture or across the edge of a sheet."""
    wrong = [f"{a!r} over {b!r}" for (a, x), (b, y) in combinations(canvas.texts, 2) if x.meets(y)]
    sheet_height = canvas.width * sheet.HIGH
    for text, box in canvas.texts:
        if box.x < 0 or box.x + box.width > canvas.width or box.y < 0:
            wrong.append(f"{text!r} is outside")
        if int(box.y / sheet_height) != int((box.y + box.height) / sheet_height):
            wrong.append(f"{text!r} is cut by the edge of a sheet")
    return wrong


@pytest.fixture
def timeline(tmp_path: Path) -> Path:
    path = tmp_path / "night.jsonl"
    path.write_text(TIMELINE)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_ladder_overlaps_another(name: str) -> None:
    canvas, _ = ladder.drawn(load(name))
    assert overlaps(canvas) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_rung_has_a_box_with_who_when_limit_and_clause(name: str) -> None:
    procedure = load(name)
    for of in plain.watches(procedure)[1]:
        cards = {c.rung: c for c in ladder.panel(procedure, of).cards}
        assert sorted(cards) == of.rungs
        assert len({(c.column, c.row) for c in cards.values()}) == len(cards), "two boxes in one place"
        for i, card in cards.items():
            words = " ".join([*card.head, *card.lines]).replace("*", "").lower()
            for said in (plain.opens, plain.does, plain.means, plain.limit, plain.clause):
                assert said(procedure, i).lower() in words


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_the_same_to_those_who_cannot_see_it_and_runs_nothing(name: str) -> None:
    procedure = load(name)
    written = ladder.picture(procedure)
    root = ElementTree.fromstring(written)
    assert root.get("role") == "img" and root.get("aria-labelledby") == "t d"
    assert procedure.title in (root.findtext(f"{SVG}title") or "")
    described = root.findtext(f"{SVG}desc") or ""
    for of in plain.watches(procedure)[1]:
        for i in of.rungs:
            assert plain.sentence(procedure, i) in described
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{tag}" for tag in ["svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "polyline"]
    }
    assert not re.search(r"href|url\((?!#)|@import|@font-face|on\w+=", written)


def test_a_follower_stands_right_of_what_it_follows_and_later_times_right_of_earlier() -> None:
    procedure = load("homemaker-enhanced")
    (of,) = (of for of in plain.watches(procedure)[1] if of.name == "call-back")
    place = ladder.places(procedure, of.rungs)
    names = {procedure.rung_name(i).removeprefix("call-back-"): place[i] for i in of.rungs}
    assert [names[x] for x in ("worker", "client", "personal")] == [(0, 0), (1, 0), (2, 0)]
    assert names["prompt"] == (0, 1)
    assert (names["manager"], names["decide"]) == ((3, 0), (3, 1))


def test_what_happened_is_drawn_in_order_in_local_time(timeline: Path) -> None:
    procedure = load("homemaker-enhanced")
    read = read_timeline(timeline, procedure)
    actions = play(procedure, read)
    written = happened.picture(procedure, read, actions)
    lines = (ElementTree.fromstring(written).findtext(f"{SVG}desc") or "").splitlines()
    assert len(lines) == len(actions) + 6
    assert lines[:4] == [
        "Sat 22:00:00 Ana (worker) reports: arrived",
        "Sat 22:00:00 Ben (tracker) is alerted: arrived  [3.1]",
        "Sat 22:02:00 Ben (tracker) and Ana (worker) have spoken",
        "Sat 22:02:00 Ana (worker) may enter  [3.1]",
    ]
    times = [line[4:12] for line in lines if line.startswith("Sun")]
    assert any(time.startswith("00:") for time in times) and any(time.startswith("02:") for time in times)
    assert not any(time.startswith("01:") for time in times), "no clock on a wall showed 01:something that night"


def test_which_of_several_contacts_was_called_is_said_of_tasks_only(timeline: Path) -> None:
    called = '{"at": "2026-03-29T00:30:00Z", "event": "call_result", "who": "emergency_contact", "result": "no_answer"}'
    timeline.write_text(TIMELINE.replace('["Eli"]', '["Eli", "Fay"]').replace('{"until"', called + '\n{"until"'))
    procedure = load("northamptonshire")
    read = read_timeline(timeline, procedure)
    words = [row.words for row in happened.rows(procedure, read, play(procedure, read))]
    assert "An emergency contact is called: no answer" in words


def test_no_text_of_a_rehearsal_overlaps_another(timeline: Path) -> None:
    procedure = load("northamptonshire")
    read = read_timeline(timeline, procedure)
    canvas, _, _ = happened.drawn(procedure, read, play(procedure, read))
    assert overlaps(canvas) == []


def test_every_word_of_a_file_has_words_for_people() -> None:
    assert set(STARTS.values()) == set(plain._STARTS)
    assert set(ANSWERS) == set(plain._ANSWERED)
    assert set(PLAN) == set(plain._SET)
    assert set(ROLES.values()) - {w.HUB, w.PENDANT} == set(plain.ROLES)


def test_an_overlap_would_be_seen() -> None:
    canvas = Canvas(200)
    canvas.text(10, 10, "one line")
    canvas.text(12, 12, "another")
    canvas.text(150, 100, "too far to the right")
    assert len(overlaps(canvas)) == 2


def test_lines_are_broken_where_they_no_longer_fit() -> None:
    lines = wrapped("Tracker phones the client, to reach the worker", 155, 13, bold=True)
    assert " ".join(lines) == "Tracker phones the client, to reach the worker"
    assert all(text_width(line, 13, bold=True) <= 155 for line in lines)
    assert text_width("WWW", 13) > text_width("iii", 13)
    assert "".join(wrapped("Llanfairpwllgwyngyll", 60, 13)) == "Llanfairpwllgwyngyll"
    assert len(wrapped("Llanfairpwllgwyngyll", 60, 13)) == 2


@pytest.mark.parametrize("name", ["Ana <b>&amp;", "A\u0001n\u202ea", "A" * 200, "Zoë 王"])
def test_any_name_can_be_drawn(timeline: Path, name: str) -> None:
    timeline.write_text(TIMELINE.replace('"Ana"', json.dumps(name)))
    procedure = load("homemaker-enhanced")
    read = read_timeline(timeline, procedure)
    canvas, _, _ = happened.drawn(procedure, read, play(procedure, read))
    assert overlaps(canvas) == []
    ElementTree.fromstring(happened.picture(procedure, read, play(procedure, read)))


def test_a_picture_has_a_limit(capsys: pytest.CaptureFixture[str], timeline: Path) -> None:
    timeline.write_text(TIMELINE.replace("2026-03-29T03", "2026-04-20T03"))
    assert cli.run(cli.app, ["rehearse", "homemaker-enhanced", str(timeline), "--diagram"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "let `until` be earlier" in err


def test_the_command_draws_to_a_file_or_to_standard_output(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, timeline: Path
) -> None:
    to = tmp_path / "ladder.svg"
    assert cli.run(cli.app, ["rehearse", "derbyshire", "--diagram", str(to)]) == 0
    assert capsys.readouterr().out == ""
    assert cli.run(cli.app, ["rehearse", "derbyshire", "--diagram"]) == 0
    assert capsys.readouterr().out == to.read_text()
    assert cli.run(cli.app, ["rehearse", "derbyshire", str(timeline), "--diagram", str(to)]) == 0
    assert "what happened" in to.read_text()
    assert json.dumps(to.read_text())  # whole, and text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["derbyshire"], "a timeline is missing"),
        (["derbyshire", "x.svg"], "add --diagram"),
        (["derbyshire", "absent.jsonl", "--diagram"], "absent.jsonl"),
        (["nowhere", "--diagram"], "nowhere"),
        (["derbyshire", "--diagram", "no-such-folder/x.svg"], "no-such-folder"),
        (["derbyshire", "--diagram", "--json"], "leave out --json"),
    ],
)
def test_what_cannot_be_drawn_gets_one_clear_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert cli.run(cli.app, ["rehearse", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and err.count("\n") == 1


WATCH = """
[[watch]]
id = "watch-{n}"
starts = "{starts}"
answered_by = ["speech", "report"]
"""
RUNG = """
  [[watch.rung]]
  id = "rung-{n}-{i}"
  {opens}
  do = "call"
  by = "manager"
  who = "{who}"
  via = ["work_mobile", "personal_mobile", "home"]
  limit = "{limit} min"
  clause = "{clause}"
"""
HEAD = '[procedure]\nname = "x"\ntitle = "Any"\n[end]\nby = ["departed"]\nclause = "1"\n'


@st.composite
def any_file(draw: st.DrawFn) -> str:
    """A procedure with watches of any shape: many at one moment, long chains, two followers of one rung."""
    text = HEAD
    for n in range(draw(st.integers(1, 5))):
        text += WATCH.format(n=n, starts=draw(st.sampled_from(["T_end", "cleared", "end of day", "check-in or T_end"])))
        for i in range(draw(st.integers(1, 9))):
            source = draw(st.integers(0, i - 1)) if i else None
            timed = source is None or draw(st.booleans())
            opens = f'after = "{draw(st.integers(0, 3)) * 10} min"'
            if not timed:
                opens = f'{draw(st.sampled_from(["if_failed", "if_failed_or_unreported"]))} = "rung-{n}-{source}"'
            text += RUNG.format(
                n=n,
                i=i,
                opens=opens,
                who=draw(st.sampled_from(["worker", "partner_agencies", "emergency_contact", "team"])),
                limit=draw(st.integers(1, 90)),
                clause=draw(st.sampled_from(["1", "App. 3", "Procedures in Homes and Premises Visited, 1"])),
            )
    return text


@settings(max_examples=40, deadline=None, derandomize=True)
@given(any_file())
def test_no_procedure_has_texts_that_overlap(text: str) -> None:
    canvas, _ = ladder.drawn(compile_text("x.toml", text))
    assert overlaps(canvas) == []


@pytest.mark.parametrize("chain", [True, False], ids=["a long chain", "much at one moment"])
def test_a_watch_larger_than_a_sheet_is_drawn_smaller_not_cut(chain: bool) -> None:
    text = HEAD + WATCH.format(n=0, starts="T_end")
    for i in range(20):
        opens = f'if_failed = "rung-0-{i - 1}"' if chain and i else 'after = "10 min"'
        text += RUNG.format(n=0, i=i, opens=opens, who="worker", limit=10, clause="1")
    canvas, _ = ladder.drawn(compile_text("x.toml", text))
    assert overlaps(canvas) == []
    assert canvas.width > sheet.WIDTH
