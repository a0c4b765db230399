"""Ben tracks Ana's visit and her SOS in Chromium, over the real hub, phone, radio and firmware."""

from pages import Console, Pendant, shot
from waiting import until
from watchword_sim.stage import START_S, WORKER_PHONE

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
