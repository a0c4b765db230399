"""Ben and Ana at their pages in Chromium, over the real hub, phone, radio and firmware.

One module, since it is one stage: setting it takes longer than any act on it.
"""

import pytest
from access import check, tab_to
from pages import Console, Pendant, shot
from waiting import until
from watchword_sim.stage import START_S, WORKER_PHONE

pytestmark = pytest.mark.timeout(300)  # a visit takes its 20 minutes, of a second each, also on a busy machine
NOT_LIVE_MS = 30_000  # the rule; live.js is stricter

FIRST_SEEN = """() => { window.seen = new Promise(resolve => {
  const look = () => { if (document.body.textContent.includes("NOBODY HAS IT YET")) resolve(Date.now()); };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true}); look(); }); }"""


def test_ben_tracks_a_visit_with_an_sos_from_login_to_close(demo, console: Console, pendant: Pendant, record_property):
    shot(console.page, "01-login")
    console.log_in()
    console.sees("No open visit.")
    shot(console.page, "02-nothing-open")
    shot(pendant.page, "03-pendant-at-first")
    console.plan()
    shot(console.page, "04-plan")
    console.press("Plan the visit")
    console.sees("Visit planned.")
    console.state("planned")
    shot(console.page, "05-planned")

    until(demo.stage.pendant_is_ready, "the pendant to take the procedure", START_S)
    pendant.press_ok()
    pendant.feels("Kept on the pendant")
    pendant.feels("At the hub")
    console.state("at the door")
    console.sees("who is at the door and must not go in yet")
    shot(console.page, "06-at-the-door")
    pendant.press_ok()
    pendant.feels("Do not go in")
    shot(pendant.page, "07-pendant-refused")
    console.press("Spoke on arrival: may go in")
    pendant.feels("Cleared: you may go in")
    console.state("inside")
    shot(console.page, "08-inside")

    console.page.get_by_role("link", name="Now").click()
    console.page.get_by_role("button", name="Safe", exact=True).wait_for(timeout=45_000)
    pendant.feels("Be ready: a call is due")
    shot(console.page, "09-call-back")
    console.press("Safe")
    console.page.get_by_role("button", name="Safe", exact=True).wait_for(state="detached")
    shot(console.page, "10-called-back")

    console.page.evaluate(FIRST_SEEN)
    began_ms = pendant.hold_sos()
    console.sees("NOBODY HAS IT YET")
    record_property("sos_to_page_ms", console.page.evaluate("window.seen") - began_ms)
    pendant.feels("At the hub")
    shot(console.page, "11-sos")
    shot(pendant.page, "12-pendant-sos")
    shot(console.page, "console-alarm", whole=False)
    felt = pendant.felt()
    console.press("Acknowledge: this person has it")
    pendant.feels("A person has it", after=felt - 1)
    console.sees("has it.")
    console.sees(WORKER_PHONE)
    shot(console.page, "13-acknowledged")
    shot(pendant.page, "pendant", whole=False)

    console.page.get_by_role("link", name="Ana").first.click()
    shot(console.page, "14-case-with-alarm")
    console.page.get_by_text("Resolve the alarm: it is over").click()
    console.press("Resolve the alarm")
    assert console.page.locator("#resolve-text:invalid").count() == 1  # nothing goes without its words
    console.page.get_by_label("How the alarm ended").fill("Spoke with Ana: she is safe, the dog was locked away.")
    console.press("Resolve the alarm")
    assert console.page.locator("[name=sure]:invalid").count() == 1  # nor without the confirmation
    shot(console.page, "15-resolving")
    console.page.get_by_label("this alarm is over").check()
    console.press("Resolve the alarm")
    pendant.feels("The alarm is over")
    console.page.locator(".alarm").wait_for(state="detached")
    shot(console.page, "16-resolved")

    pendant.hold_ok()
    console.state("leaving")
    console.sees("who says that they are leaving")
    shot(console.page, "17-leaving")
    console.press("Spoke on departure: has left")
    pendant.feels("The visit is closed")
    console.state("closed")
    shot(console.page, "18-closed")
    shot(pendant.page, "19-pendant-closed")
    console.page.get_by_role("link", name="Now").click()
    console.sees("No open visit.")


def test_ana_pulls_the_lanyard_while_the_hub_hangs__nothing_stale_is_believed(demo, console: Console, pendant: Pendant):
    console.log_in()
    demo.stage.hub.freeze()
    try:
        felt = pendant.felt()
        pendant.page.get_by_role("button", name="Pull the lanyard").click()
        pendant.feels("Kept on the pendant", after=felt)
        pendant.feels("NOT getting through", after=felt)
        console.page.locator("#not-live").wait_for(timeout=NOT_LIVE_MS)
        assert console.page.evaluate("document.getElementById('main').inert")
        shot(console.page, "20-not-live", whole=False)
        shot(pendant.page, "21-pendant-not-getting-through")
    finally:
        demo.stage.hub.thaw()
    console.page.locator("#not-live").wait_for(state="hidden")
    console.sees("NOBODY HAS IT YET")
    assert not console.page.evaluate("document.getElementById('main').inert")
    pendant.feels("At the hub", after=felt)
    shot(console.page, "22-live-again")
    pendant.page.get_by_role("button", name="Put the lanyard back").click()
    console.press("Acknowledge: this person has it")
    pendant.feels("A person has it", after=felt)
    console.page.get_by_role("link", name="Ana").first.click()
    shot(console.page, "23-alarm-with-no-visit")
    console.resolve("Spoke with Ana: the lanyard caught on a door.")
    pendant.feels("The alarm is over", after=felt)


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
