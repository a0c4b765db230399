"""A page that hears nothing of the hub covers itself, and comes back only with what is true now."""

from pages import Console, Pendant, shot

NOT_LIVE_MS = 30_000  # the rule; live.js is stricter


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
