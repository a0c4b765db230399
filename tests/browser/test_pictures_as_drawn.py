"""Pictures of procedures as Chromium draws and prints them: texts apart in any font, whole sheets on paper."""

import re
import shutil
from itertools import combinations

import pytest
from watchword_hub.picture import ladder
from watchword_hub.procedures import built_in_names, load

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FONTS = ["Arial, sans-serif", "DejaVu Sans", "serif"]  # the widest is 15 % wider than the first
MEASURE = "() => [...document.querySelectorAll('text')].map(t => { const b = t.getBoundingClientRect(); \
    return [t.textContent, b.left, b.right, b.top + b.height * 0.25, b.bottom - b.height * 0.25] })"


@pytest.fixture(scope="module")
def page():
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt install chromium")
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium.new_page()
        chromium.close()


def overlapping(texts: list[list]) -> list[str]:
    """Pairs of texts that touch; of the height of a line only its middle counts."""
    return [
        f"{a!r} runs into {b!r}"
        for (a, left, right, top, bottom), (b, left_b, right_b, top_b, bottom_b) in combinations(texts, 2)
        if left < right_b - 0.5 and left_b < right - 0.5 and top < bottom_b and top_b < bottom
    ]


@pytest.mark.parametrize("font", FONTS)
def test_no_text_runs_into_another_whatever_the_font(page, font: str) -> None:
    for name in [*built_in_names(), "general"]:
        written = re.sub(r'font-family="[^"]*"', f'font-family="{font}"', ladder.picture(load(name)))
        page.goto("about:blank")
        page.set_content(f"<body style='margin:0'>{written}")
        texts = page.evaluate(MEASURE)
        assert len(texts) > 20
        assert overlapping(texts) == [], name


@pytest.mark.parametrize("name", ["clarendon", "derbyshire"])
def test_each_sheet_is_one_page_of_a4(page, tmp_path, name: str) -> None:
    written = ladder.picture(load(name))
    sheets = int(re.findall(r"sheet \d of (\d)", written)[-1])
    (tmp_path / "ladder.svg").write_text(written)
    page.goto((tmp_path / "ladder.svg").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == sheets
    width, height = map(float, re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)[0])
    assert (round(width), round(height)) == (842, 595)  # points: A4, landscape


def test_an_overlap_would_be_seen() -> None:
    assert overlapping([["a", 0, 10, 0, 5], ["b", 8, 20, 0, 5], ["c", 8, 20, 6, 11]]) == ["'a' runs into 'b'"]
