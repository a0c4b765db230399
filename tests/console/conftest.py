from collections.abc import Iterator

import pytest
from console_fakes import BEN, ORIGIN, PHRASE, FakeClock, FakeHub, Settings, a_visit
from fastapi.testclient import TestClient
from pydantic import SecretStr
from watchword_hub.console.app import create_app
from watchword_hub.console.login import COOKIE, Login, Operator
from watchword_hub.console.stream import Stream


class Site:
    """The console over a fake hub, and a browser of Ben's that is logged in."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.clock = FakeClock()
        self.hub = FakeHub(a_visit())
        self.login = Login(self.clock)
        self.stream = Stream(self.hub)
        self.app = create_app(
            self.hub,
            self.hub.submit,
            self.stream,
            settings or Settings(),
            self.login,
            self.clock,
            procedures=["homemaker-enhanced"],
        )
        self.operator = Operator(BEN.id, BEN.name)

    def token(self) -> str:
        return self.login.new_token(self.operator)

    def show(self, case) -> None:
        self.hub.cases[case.id] = case

    def enter(self, browser: TestClient) -> None:
        session_id = self.login.spend(self.token())
        assert session_id
        browser.cookies.set(COOKIE, session_id)
        browser.headers["origin"] = ORIGIN
        self.csrf = self.login.session(session_id).csrf

    def press(self, act: str, **fields: str):
        """One button of the visit, as the page's form would send it; the page that comes back."""
        return self.browser.post(f"/case/7/{act}", data={"csrf": self.csrf, "key": "k", **fields})


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    with TestClient(made.app) as browser:
        made.browser = browser
        made.enter(browser)
        yield made


@pytest.fixture
def secret_site() -> Iterator[Site]:
    """A site that has a duress phrase."""
    made = Site(Settings(duress_phrase=SecretStr(PHRASE)))
    with TestClient(made.app) as browser:
        made.browser = browser
        made.enter(browser)
        yield made


@pytest.fixture
def stranger(site: Site) -> TestClient:
    """A browser that is not logged in."""
    return TestClient(site.app, follow_redirects=False)
