"""What people do on the two pages. Screenshots go to build/screenshots/, to be looked at."""

from pathlib import Path

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


def shot(page, name: str, whole: bool = True) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole, caret="initial")


class Console:
    """Ben's page."""

    def __init__(self, page) -> None:
        self.page = page

    def log_in(self) -> None:
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_text("Live, ").wait_for()

    def plan(self, address: str = "12 Mill Lane, Northampton NN1 4AB") -> None:
        page = self.page
        page.get_by_role("link", name="Plan a visit").click()
        page.get_by_label("Worker (wears the pendant)").select_option("Ana")
        page.get_by_label("Pendant", exact=True).select_option(label="Pendant 1, worn by Ana")
        page.get_by_label("Tracker (").select_option("Ben")
        page.get_by_label("Manager (").select_option("Cora")
        page.get_by_label("Senior (").select_option("Dev")
        page.get_by_label("Worker's emergency contact").select_option("Eli")
        page.get_by_label("Procedure", exact=True).select_option("homemaker-enhanced")
        page.get_by_label("First visit to this client").check()
        page.get_by_label("Client", exact=True).fill("Mr Hargreaves")
        page.get_by_label("Client's mobile").fill("07700 900001")
        page.get_by_label("Address, with postcode").fill(address)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text: str):
        """Waits for it; the page is never loaded again by hand."""
        self.page.locator("main").get_by_text(text).first.wait_for()

    def resolve(self, how: str) -> None:
        self.page.get_by_text("Resolve the alarm: it is over").click()
        self.page.get_by_label("How the alarm ended").fill(how)
        self.page.get_by_label("this alarm is over").check()
        self.press("Resolve the alarm")
        self.page.locator(".alarm").wait_for(state="detached")

    def state(self, name: str) -> None:
        self.page.locator("h1 .state", has_text=name).wait_for()


class Pendant:
    """Ana's. Pressed with the mouse, as long as a hand would."""

    def __init__(self, page) -> None:
        self.page = page

    def press_ok(self) -> None:
        self.page.get_by_role("button", name="OK").click(delay=120)

    def hold_ok(self) -> None:
        self.page.get_by_role("button", name="OK").click(delay=1500)

    def hold_sos(self) -> float:
        """Until it is complete; when that was, Unix ms."""
        button = self.page.get_by_role("button", name="SOS")
        button.hover()
        self.page.mouse.down()
        at_ms = self.page.evaluate("Date.now()") + 3000
        self.page.wait_for_function("() => document.querySelector('[data-hold=sos]').value >= 3000")
        self.page.wait_for_function("at => Date.now() > at", arg=at_ms + 150)
        self.page.mouse.up()
        return at_ms

    def feels(self, means: str, after: int = 0) -> None:
        """Waits for a line of the log beyond the first `after` ones."""
        self.page.wait_for_function(
            """([means, after]) => [...document.querySelectorAll("#log li:not(.none)")].reverse().slice(after)
            .some(line => line.textContent.includes(means))""",
            arg=[means, after],
        )

    def felt(self) -> int:
        """How many lines the log has."""
        return self.page.locator("#log li:not(.none)").count()
