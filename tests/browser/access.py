"""Pages for everybody: keyboard alone, targets that a shaking hand hits, text that can be read."""

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
