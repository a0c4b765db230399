"""Who gets in, and what a page from elsewhere can't make a browser do."""

import pytest
from console_fakes import ORIGIN
from watchword_hub.console.login import COOKIE, LINK_MS, MAX_LINKS, SESSION_MS, Login

PAGES = ("/", "/case/7", "/plan", "/pendants", "/people")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_sends_a_stranger_to_the_login(stranger, path):
    answer = stranger.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("path", ["/events", "/api/overview"])
def test_programs_are_told_to_log_in(stranger, path):
    assert stranger.get(path).status_code == 401


def test_a_page_that_refreshes_itself_is_sent_to_the_login_whole(stranger):
    answer = stranger.get("/", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


def test_opening_the_link_spends_nothing_pressing_its_button_does(site, stranger):
    token = site.token()
    for _ in range(2):
        assert token in stranger.get(f"/login?token={token}").text
    answer = stranger.post("/login", data={"token": token}, headers={"origin": ORIGIN})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert stranger.get("/").status_code == 200


def test_a_link_works_once(site, stranger):
    token = site.token()
    site.login.spend(token)
    answer = stranger.post("/login", data={"token": token}, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert "used or too old" in answer.text
    assert site.login.refused == 1


def test_a_link_grows_old(site):
    token = site.token()
    site.clock.ms += LINK_MS + 1
    assert site.login.spend(token) is None


def test_only_so_many_links_wait(site):
    tokens = [site.token() for _ in range(MAX_LINKS + 1)]
    assert site.login.spend(tokens[0]) is None
    assert site.login.spend(tokens[-1]) is not None


def test_a_session_ends(site):
    site.clock.ms += SESSION_MS + 1
    site.browser.follow_redirects = False
    assert site.browser.get("/").status_code == 303


def test_logging_out_ends_the_session_not_only_the_cookie(site):
    kept = site.browser.cookies[COOKIE]
    site.browser.post("/logout", data={"csrf": site.csrf})
    assert site.login.session(kept) is None


def test_a_session_outlives_a_restart_of_the_hub(site, tmp_path):
    path = tmp_path / "sessions"
    session_id = Login(site.clock, path).spend(_token_in(path, site))
    assert session_id is None  # a link does not
    login = Login(site.clock, path)
    session_id = login.spend(login.new_token(site.operator))
    again = Login(site.clock, path)
    assert again.session(session_id).operator == site.operator
    assert again.session(session_id).csrf == login.session(session_id).csrf
    assert path.stat().st_mode & 0o777 == 0o600
    assert session_id not in path.read_text()


def _token_in(path, site) -> str:
    return Login(site.clock, path).new_token(site.operator)


def test_damaged_sessions_log_everybody_out_and_stop_nobody(site, tmp_path):
    path = tmp_path / "sessions"
    path.write_text('{"x": []}')
    login = Login(site.clock, path)
    assert login.spend(login.new_token(site.operator))


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example", "http://testserver.elsewhere.example", "null"])
def test_a_form_of_another_page_is_refused(site, origin):
    del site.browser.headers["origin"]
    headers = {"origin": origin} if origin else {}
    answer = site.browser.post("/case/7/spoke", data={"csrf": site.csrf}, headers=headers)
    assert answer.status_code == 403
    assert site.hub.asked == []


def test_a_form_without_the_sessions_token_is_refused(site):
    for csrf in ("", "wrong", "é"):
        assert site.browser.post("/case/7/spoke", data={"csrf": csrf}).status_code == 403
    assert site.hub.asked == []


def test_a_name_that_is_not_the_consoles_is_refused(site):
    answer = site.browser.get("/", headers={"host": "rebound.example"})
    assert answer.status_code == 403
    assert "console_names" in answer.text


def test_a_huge_form_is_refused(site):
    answer = site.browser.post("/case/7/done", data={"csrf": site.csrf, "text": "x" * 70_000})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/static/live.js", "/static/htmx.js"])
def test_every_answer_forbids_inline_code_and_frames(site, path):
    answer = site.browser.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", PAGES)
def test_pages_keep_to_that_policy(site, path):
    page = site.browser.get(path).text
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
    assert "https://" not in page
