"""Where the console listens, and behind what."""

import pytest
from console_fakes import Settings
from fastapi.testclient import TestClient
from watchword_hub.console.app import create_app
from watchword_hub.console.login import COOKIE
from watchword_hub.console.server import listen


def test_beyond_this_machine_it_says_what_that_means(caplog: pytest.LogCaptureFixture) -> None:
    with listen("127.0.0.1", 0):
        assert caplog.text == ""
    with listen("0.0.0.0", 0):  # closed at once
        assert "without TLS" in caplog.text


def test_behind_a_proxy_with_tls_people_log_in_by_its_name(site) -> None:
    settings = Settings(console_names=("127.0.0.1", "desk.example.org"))
    app = create_app(site.hub, site.hub.submit, site.stream, settings, site.login, site.clock)
    with TestClient(app, base_url="https://desk.example.org", follow_redirects=False) as browser:
        browser.headers["origin"] = "https://desk.example.org"
        answer = browser.post("/login", data={"token": site.token()})
        assert answer.status_code == 303
        assert COOKIE in answer.headers["set-cookie"] and "Secure" in answer.headers["set-cookie"]
        browser.headers["origin"] = "https://elsewhere.example.org"
        assert browser.post("/login", data={"token": site.token()}).status_code == 403
