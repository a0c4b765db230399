"""Pages for everybody: keyboard alone, targets that a shaking hand hits, text to be read, changes that are said."""

import pytest
from pages import Console, Pendant, shot

TARGET_PX = 44
CONTRAST = 4.5  # WCAG 2.2 AA, 1.4.3; large text needs 3

SMALL = """px => [...document.querySelectorAll("button, select, summary, label.check, input:not([type=hidden]), nav a")]
  .filter(e => e.checkVisibility() && !e.closest("label.check input")).filter(e => e.type !== "checkbox")
  .map(e => [e.id || e.textContent.trim().slice(0, 30), e.getBoundingClientRect()])
  .filter(([, r]) => r.height < px || r.width < px).map(([name, r]) => `${name}: ${r.width} x ${r.height}`)"""

# Relative luminance and contrast as WCAG 2.2 defines them, against the first opaque background behind the text.
FAINT = """least => {
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), [a, b] = [light(parts(style.color)), light(behind(e))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < least) faint.push(`${e.textContent.trim().slice(0, 30)}: ${contrast.toFixed(1)}`);
  }
  return faint; }"""


def check(page, name: str) -> None:
    assert page.evaluate(SMALL, TARGET_PX) == [], f"{name}: too small to hit"
    assert page.evaluate(FAINT, CONTRAST) == [], f"{name}: too faint to read"
    nameless = """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")]
      .filter(e => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map(e => e.outerHTML)"""
    assert page.evaluate(nameless) == [], f"{name}: without a name"


def tab_to(page, name: str) -> None:
    """By the keyboard alone, until what has this name (the start of its text or label) has the focus."""
    focused = """() => { const e = document.activeElement;
      return (e.labels?.length ? e.labels[0].textContent : e.textContent).trim(); }"""
    for _ in range(60):
        if page.evaluate(focused).startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {name!r}")


def test_ben_and_ana_use_nothing_but_the_keyboard(console: Console, pendant: Pendant):
    page, felt = console.page, pendant.felt()
    tab_to(page, "Log in")
    page.keyboard.press("Enter")
    page.get_by_text("Live, ").wait_for()
    tab_to(pendant.page, "SOS")
    pendant.page.keyboard.down("Enter")
    pendant.feels("Kept on the pendant", after=felt)
    pendant.page.keyboard.up("Enter")

    console.sees("NOBODY HAS IT YET")
    page.wait_for_function("() => document.getElementById('said-now').textContent.startsWith('Alarm.')")
    assert page.locator("#said-now").get_attribute("aria-live") == "assertive"
    check(page, "overview with an alarm")
    tab_to(page, "Acknowledge: this person has it")
    page.keyboard.press("Enter")
    pendant.feels("A person has it", after=felt)
    page.wait_for_function("() => document.getElementById('said').textContent.includes('Recorded.')")
    tab_to(page, "Ana")
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/*")
    check(page, "case with an alarm")
    tab_to(page, "Resolve the alarm: it is over")
    page.keyboard.press("Enter")
    tab_to(page, "How the alarm ended")
    page.keyboard.type("Spoke with Ana: pressed by mistake.")
    tab_to(page, "Ana is safe and this alarm is over")
    page.keyboard.press("Space")
    shot(page, "30-keyboard-resolving")
    tab_to(page, "Resolve the alarm")
    while page.evaluate("document.activeElement.tagName") != "BUTTON":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    pendant.feels("The alarm is over", after=felt)
    check(page, "case resolved")
    check(pendant.page, "pendant")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_page_can_be_hit_and_read(demo, console: Console, scheme):
    console.log_in()
    console.page.emulate_media(color_scheme=scheme)
    for path in ("/", "/plan", "/pendants", "/people"):
        console.page.goto(demo.stage.console_url + path)
        check(console.page, f"{path} in {scheme}")
        shot(console.page, f"31-{scheme}{path.replace('/', '-')}")
