"""The console's web application. Reads the committed store, and asks the engine for everything that changes it.

Pages are read and rendered in threads, so that a long list of visits holds up neither events nor a press.
"""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool

from watchword_hub.clock import Clock
from watchword_hub.commands import PlanVisit, Record, Refusal, StoreFailed
from watchword_hub.engine.procedure_book import BuiltIn, Procedures
from watchword_hub.office import OfficeHours

from . import acts, names, people, planning, reach
from .guard import Guard
from .login import COOKIE, SESSION_MS, Login, Notice, Session, same_secret
from .phrase import DuressPhrase
from .render import Pages
from .stream import MAX_CONSOLES, Stream
from .views import Reader, Submit
from .when import Zone

MAX_SEQ_DIGITS = 20  # of an event's number as it is asked for
HOUR_MS = 3_600_000
ANSWER_S = 10.0  # how long a person waits for the engine before being told that nothing is known
MAX_LINES = 500  # of one case's journal on its page
NOT_KNOWN = (
    f"The hub gave no answer within {ANSWER_S:.0f} s: it is not known whether this was recorded. "
    "Look at the record below before you do it again, and use the phone."
)


class ConsoleSettings(Protocol):
    """What of the settings the console needs."""

    @property
    def timezone(self) -> str: ...

    @property
    def console_names(self) -> Sequence[str]: ...

    @property
    def office_hours(self) -> str: ...

    @property
    def office_closed(self) -> Sequence[date]: ...

    @property
    def duress_phrase(self) -> SecretStr | None: ...


Handler = Callable[[Request, Session], Awaitable[Response]]
Page = Callable[[Request, Session], Response]


class Console:
    """The handlers, with what they share."""

    def __init__(
        self,
        reader: Reader,
        submit: Submit,
        stream: Stream,
        zone: Zone,
        login: Login,
        clock: Clock,
        plans: planning.Planning,
        phrase: DuressPhrase,
        kinds: Collection[str],
    ) -> None:
        self._kinds = kinds
        self._reader = reader
        self._submit = submit
        self._stream = stream
        self._zone = zone
        self._login = login
        self._clock = clock
        self._planning = plans
        self._phrase = phrase
        self._pages = Pages(zone, clock, phrase)

    # -- who is it

    def for_people(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """`handler` for somebody who is logged in; others are sent to the login page."""

        async def checked(request: Request) -> Response:
            session = self._login.session(request.cookies.get(COOKIE))
            if session is None:
                return self._to_login(request)
            if request.method == "POST" and not same_secret(await _csrf_of(request), session.csrf):
                return HTMLResponse("This page is of an earlier login. Go back and load it again.", status_code=403)
            return await handler(request, session)

        return checked

    @staticmethod
    def in_thread(page: Page) -> Handler:
        """A page as a handler."""

        async def handled(request: Request, session: Session) -> Response:
            return await run_in_threadpool(page, request, session)

        return handled

    def _to_login(self, request: Request) -> Response:
        if request.url.path in ("/events", "/api/overview"):
            return JSONResponse({"error": "log in first"}, status_code=401)
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"HX-Redirect": "/login"})
        return RedirectResponse("/login", status_code=303)

    async def login_page(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        return self._html("login.html", None, token=token, refused=False)

    async def log_in(self, request: Request) -> Response:
        session_id = self._login.spend((await _form(request)).get("token", ""))
        if session_id is None:
            return self._html("login.html", None, status=403, token="", refused=True)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            COOKIE,
            session_id,
            max_age=SESSION_MS // 1000,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    async def log_out(self, request: Request, _session: Session) -> Response:
        self._login.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    # -- pages

    def overview(self, _request: Request, session: Session) -> Response:
        return self._overview(session)

    def _overview(self, session: Session, status: int = 200) -> Response:
        seq, overview = self._reader.last_seq(), self._reader.overview()
        untold = reach.staff_out_of_reach(overview, self._kinds)
        return self._html("overview.html", session, status, overview=overview, untold=untold, last_seq=seq)

    def case(self, request: Request, session: Session) -> Response:
        seq = self._reader.last_seq()
        case = self._reader.case(request.path_params["case_id"])
        if case is None:
            return self._missing(session)
        lines = self._reader.journal_of(case.id, MAX_LINES)
        return self._html("case.html", session, case=case, lines=lines, persons=self._reader.people(), last_seq=seq)

    def plan(self, _request: Request, session: Session) -> Response:
        return self._plan_page(session, {}, None)

    def check_plan(self, request: Request, _session: Session) -> Response:
        """What the plan comes to as far as it is filled in: a piece of the plan's page."""
        checked = self._planning.check(dict(request.query_params))
        return HTMLResponse(self._pages.piece("checked.html", checked=checked))

    def pendants(self, _request: Request, session: Session) -> Response:
        return self._html(
            "pendants.html",
            session,
            last_seq=self._reader.last_seq(),
            pendants=self._reader.pendants(),
            strangers=self._reader.strangers(),
            persons=self._reader.people(),
        )

    def people(self, _request: Request, session: Session) -> Response:
        return self._html("people.html", session, persons=self._reader.people(), kinds=self._kinds)

    def _plan_page(self, session: Session, draft: Mapping[str, str], refusal: str | None) -> Response:
        titles = self._planning.titles()
        first = {"tracker": str(session.operator.person)}
        first |= {
            "start": self._zone.field(self._clock.now_ms()),
            "end": self._zone.field(self._clock.now_ms() + HOUR_MS),
        }
        return self._html(
            "plan.html",
            session,
            status=422 if refusal else 200,
            draft=draft or first,
            refusal=refusal,
            persons=self._reader.people(),
            pendants=[pendant for pendant in self._reader.pendants() if pendant.revoked_ms is None],
            procedures=titles,
            not_offered=self._planning.refused,
            checked=self._planning.check(draft or first),
        )

    def _missing(self, session: Session) -> Response:
        session.tell(Notice("There is no such case.", refused=True))
        return self._overview(session, 404)

    def _html(self, template: str, session: Session | None, status: int = 200, **values: Any) -> HTMLResponse:
        """`last_seq`: read before what is shown, so that a page never claims a row that it does not have."""
        seq = self._reader.last_seq()
        overview = values.get("overview") or (self._reader.overview() if session else None)
        waiting = [case for case in overview.with_alarm if case.nobody_has_it] if overview else []
        shown = {"last_seq": seq, "waiting": waiting, "banners": self._stream.banners, **values}
        return HTMLResponse(self._pages.page(template, session, **shown), status_code=status)

    # -- acts

    async def record(self, request: Request, session: Session) -> Response:
        """One button of a case. The answer is always the case's page, with what became of it."""
        case = await run_in_threadpool(self._reader.case, request.path_params["case_id"])
        if case is None:
            return await run_in_threadpool(self._missing, session)
        form = self._read(await _form(request))
        asked = acts.Asked(case, request.path_params["act"], form, session.operator, self._zone)
        try:
            command = acts.to_record(asked)
            await self._ask(command)
            done = names.EVENTS[command.kind] if isinstance(command, Record) else "handed over, and they are told"
            session.tell(Notice(f"Recorded. {done.capitalize()}."))
        except (acts.Unusable, Refusal, StoreFailed) as e:
            session.tell(Notice(str(e), refused=True, draft={**planning.as_draft(form), "act": asked.act}))
        except TimeoutError:
            session.tell(Notice(NOT_KNOWN, refused=True, draft={**planning.as_draft(form), "act": asked.act}))
        return RedirectResponse(f"/case/{case.id}", status_code=303)

    async def plan_visit(self, request: Request, session: Session) -> Response:
        form = self._read(await _form(request))
        try:
            case_id = await self._ask(await run_in_threadpool(self._to_plan, form))
        except (planning.PlanRefused, Refusal, StoreFailed) as e:
            return await run_in_threadpool(self._plan_page, session, planning.as_draft(form), str(e))
        except TimeoutError:
            return await run_in_threadpool(self._plan_page, session, planning.as_draft(form), NOT_KNOWN)
        session.tell(Notice("Visit planned."))
        return RedirectResponse(f"/case/{case_id}", status_code=303)

    def _read(self, form: dict[str, str]) -> dict[str, str]:
        """What was written, without the site's secret: it goes into the store."""
        return {key: self._phrase.taken_out(value) for key, value in form.items()}

    def _to_plan(self, form: Mapping[str, str]) -> PlanVisit:
        return self._planning.to_plan(form, self._reader.people(), self._reader.pendants())

    async def simple_form(self, request: Request, session: Session) -> Response:
        """The forms about people and pendants."""
        back, to_command, said = people.FORMS[request.url.path.rsplit("/", 1)[1]]
        try:
            await self._ask(to_command(await _form(request), session.operator))
            session.tell(Notice(said))
        except (people.FormRefused, Refusal, StoreFailed) as e:
            session.tell(Notice(str(e), refused=True))
        except TimeoutError:
            session.tell(Notice(NOT_KNOWN, refused=True))
        return RedirectResponse(back, status_code=303)

    async def _ask(self, command: Any) -> Any:
        """The engine's answer; raises Refusal or StoreFailed, or TimeoutError after ANSWER_S."""
        answer: Future[Any] = self._submit(command)
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(answer)), ANSWER_S)

    # -- for programs

    async def events(self, request: Request, _session: Session) -> Response:
        if self._stream.consoles >= MAX_CONSOLES:
            return JSONResponse({"error": f"{MAX_CONSOLES} consoles are open: close one"}, status_code=503)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        if after.isdecimal():
            seq = int(after[:MAX_SEQ_DIGITS])  # beyond the journal's end it is told to load anew
        else:
            seq = self._reader.last_seq()
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream.events(seq), media_type="text/event-stream", headers=headers)

    def api_overview(self, _request: Request, session: Session) -> Response:
        """Everything on the overview as JSON, and the token that posts need."""
        body = {"now_ms": self._clock.now_ms(), "csrf": session.csrf, **asdict(self._reader.overview())}
        return JSONResponse(body)


def create_app(
    reader: Reader,
    engine_submit: Submit,
    feed: Stream,
    settings: ConsoleSettings,
    login: Login,
    clock: Clock,
    procedures: Sequence[str] = (),
    book: Procedures | None = None,
    refused: Sequence[str] = (),
    kinds: Collection[str] = tuple(people.CONTACT_KINDS),
) -> FastAPI:
    """The application for one uvicorn worker. `feed` is given the engine's publishes by the caller.

    `procedures`: the names that visits are planned by; `book` has them, as the engine's does; `refused`: why a file of
    the site's own is not among them. `kinds`: of contact that messages can be sent by here.
    """
    phrase, zone = DuressPhrase(settings.duress_phrase), Zone(settings.timezone)
    office = OfficeHours.parse(settings.office_hours, settings.office_closed)
    plans = planning.Planning(procedures, book or BuiltIn(), zone, office, refused)
    console = Console(reader, engine_submit, feed, zone, login, clock, plans, phrase, kinds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        feed.bind(asyncio.get_running_loop())
        yield
        feed.bind(None)

    app = FastAPI(title="Watchword", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_route("/login", console.login_page, methods=["GET"])
    app.add_route("/login", console.log_in, methods=["POST"])
    pages: dict[str, Page] = {
        "/": console.overview,
        "/case/{case_id:int}": console.case,
        "/plan": console.plan,
        "/plan/check": console.check_plan,
        "/pendants": console.pendants,
        "/people": console.people,
        "/api/overview": console.api_overview,
    }
    posts: dict[str, Handler] = {
        "/logout": console.log_out,
        "/plan": console.plan_visit,
        "/case/{case_id:int}/{act}": console.record,
        "/people/person": console.simple_form,
        "/people/change": console.simple_form,
        "/people/defaults": console.simple_form,
        "/pendants/assign": console.simple_form,
        "/pendants/find": console.simple_form,
        "/pendants/revoke": console.simple_form,
    }
    for path, page in pages.items():
        app.add_route(path, console.for_people(console.in_thread(page)), methods=["GET"])
    app.add_route("/events", console.for_people(console.events), methods=["GET"])
    for path, handler in posts.items():
        app.add_route(path, console.for_people(handler), methods=["POST"])
    app.add_route("/static/htmx.js", _htmx, methods=["GET"])
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    app.add_middleware(Guard, hosts=settings.console_names)
    return app


async def _htmx(_request: Request) -> Response:
    """htmx from its package, found without importing it: its own code is for another framework."""
    spec = importlib.util.find_spec("js_lib_htmx")
    if spec is None or spec.origin is None:
        return Response("htmx is not installed: run make setup", status_code=500)
    return FileResponse(Path(spec.origin).parent / "static" / "htmx" / "htmx.min.js", media_type="text/javascript")


async def _form(request: Request) -> dict[str, str]:
    """The text fields of a submitted form."""
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


async def _csrf_of(request: Request) -> str:
    return request.headers.get("x-csrf-token") or (await _form(request)).get("csrf", "")
