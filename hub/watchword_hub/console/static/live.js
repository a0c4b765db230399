/* Keeps a page true, or says that it is not. Three duties:
   1. Events: when something has changed, fetch the page's content again (by htmx), unless the person is typing.
   2. Ticks: they come from the hub's engine every 5 s. Without them for STALE_MS the page is covered.
   3. Relative times count on between refreshes, by the hub's clock. */
"use strict";
(() => {
  const STALE_MS = 15000; // three ticks missed; the rule is 30 s
  const DOUBT_MS = 8000; // one tick missed: said in the bar
  const SETTLE_MS = 400; // after a refresh, or a bar above the page, no press counts
  const RETRY_MS = 2000;
  const GATHER_MS = 15; // an alarm has several rows: one refresh shows them all
  const body = document.body;
  if (!body.dataset.live) return;

  const byId = (id) => document.getElementById(id);
  const main = () => byId("main");
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

  let hubMs = Number(body.dataset.now); // the hub's time ...
  let hubAt = performance.now(); // ... at this moment of ours
  let tickWall = Date.now(); // performance.now stops while some laptops sleep: both are looked at
  let tickAt = performance.now();
  let leastDelay = Infinity; // between the hub's clock and ours: a tick that was held up on the way is no news
  let behindSince = null; // since when the page shows less than the hub has
  let requests = 0;
  let wanted = false; // a refresh is due
  let settleTimer = null;
  let source = null;
  let lastSeq = main().dataset.seq;
  let said = "";
  let toTop = false;
  let waitingSeq = lastSeq; // up to where the alarms that nobody has are shown
  let forced = false; // the person asked for the refresh
  let heard = false; // a tick on this page

  const nowMs = () => hubMs + (performance.now() - hubAt);

  // -- ticks

  function onTick(tick) {
    const delay = performance.now() - tick.now_ms;
    leastDelay = Math.min(leastDelay, delay);
    if (delay - leastDelay > STALE_MS) return; // sent long ago
    heard = true;
    hubMs = tick.now_ms;
    hubAt = tickAt = performance.now();
    tickWall = Date.now();
    if (tick.seq > Number(lastSeq)) lastSeq = String(tick.seq);
    if (tick.seq > Number(main().dataset.seq)) wantRefresh();
    else behindSince = null;
    showLife();
  }

  function quietFor() {
    const silent = Math.max(performance.now() - tickAt, Date.now() - tickWall);
    const behind = behindSince === null ? 0 : performance.now() - behindSince;
    return Math.max(silent, behind);
  }

  function showLife() {
    const quiet = quietFor();
    const cover = byId("not-live");
    // Once covered, a tick is not enough: what lies under the cover must be of now.
    const stale = quiet >= STALE_MS || (!cover.hidden && behindSince !== null);
    if (stale && cover.hidden) {
      byId("not-live-since").textContent = clock.format(new Date(Date.now() - quiet));
      cover.hidden = false;
      byId("not-live-title").focus();
    }
    if (stale) byId("not-live-for").textContent = span(quiet);
    if (!stale && !cover.hidden) {
      cover.hidden = true;
      cover.classList.remove("peek");
      main().focus();
      say("Live again.", false);
    }
    main().inert = stale;
    document.querySelector("header.bar").inert = stale;
    const doubt = quiet >= DOUBT_MS;
    byId("live").dataset.state = stale ? "stale" : doubt ? "doubt" : heard ? "live" : "waiting";
    byId("live-words").textContent = stale
      ? "NOT LIVE"
      : doubt
        ? "no news for " + span(quiet)
        : heard
          ? "Live, " + clock.format(new Date())
          : "waiting for the hub";
  }

  // -- events

  function connect() {
    source = new EventSource("/events?after=" + encodeURIComponent(lastSeq));
    source.addEventListener("tick", (e) => onTick(JSON.parse(e.data)));
    source.addEventListener("change", onRow);
    source.addEventListener("alarm", (e) => {
      toTop = true; // an alarm must be seen, wherever the page was scrolled to
      onRow(e);
      say("Alarm. " + (JSON.parse(e.data).text || ""), true);
    });
    source.addEventListener("reset", () => location.reload());
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      setTimeout(reconnect, RETRY_MS);
    };
  }

  async function reconnect() {
    try {
      const answer = await fetch("/api/overview", { cache: "no-store" });
      if (answer.status === 401) location.assign("/login");
    } catch {
      // no hub: the missing ticks say so
    }
    connect();
  }

  function onRow(e) {
    lastSeq = e.lastEventId || lastSeq;
    wantRefresh();
  }

  // -- refreshing

  const typing = () => {
    const at = document.activeElement;
    if (!at || !main().contains(at)) return false;
    return at.matches("input:not([type=checkbox]), textarea, select") && dirty(at.form || at);
  };

  const dirty = (form) =>
    [...form.querySelectorAll("input, textarea, select")].some((field) =>
      field.type === "checkbox"
        ? field.checked !== field.defaultChecked
        : field.matches("select")
          ? field === document.activeElement
          : field.type !== "hidden" && field.value !== field.defaultValue,
    );

  function wantRefresh() {
    wanted = true;
    if (behindSince === null && main().dataset.refresh) behindSince = performance.now();
    soon();
  }

  // Not by the next frame: a page behind another tab or window is drawn none, and must sound its alarm all the same.
  function soon() {
    setTimeout(refresh, GATHER_MS);
  }

  const unsaved = () => typing() || [...document.querySelectorAll("#main form")].some(dirty);

  // No press counts for a moment: a button may have moved under the finger.
  function settle() {
    main().classList.add("settling");
    clearTimeout(settleTimer);
    settleTimer = setTimeout(() => main().classList.remove("settling"), SETTLE_MS);
  }

  function putOff() {
    const bar = byId("put-off");
    if (bar.hidden) settle();
    bar.hidden = false;
    bar.classList.toggle("with-alarm", toTop);
    byId("put-off-words").textContent = toTop ? "ALARM." : "Something has changed.";
    behindSince = null; // the person knows, and the button is there
    if (waitingSeq !== lastSeq) refreshWaiting(); // an alarm sounds and shows whatever is being typed
  }

  function fetchAgain(part) {
    const how = { target: part, select: part, swap: "outerHTML" };
    htmx.ajax("GET", location.pathname, how).catch(() => {
      // given up for a press, or no hub: `loadend` and the missing ticks see to both
    });
  }

  function refreshWaiting() {
    waitingSeq = lastSeq;
    fetchAgain("#waiting");
  }

  function refresh(force) {
    if (!wanted || requests > 0) return;
    if (!main().dataset.refresh) {
      wanted = false;
      refreshWaiting();
      return;
    }
    if (force !== true && unsaved()) return putOff();
    wanted = false;
    forced = force === true;
    fetchAgain("#main");
  }

  let opened = [];
  let refreshing = null;
  document.addEventListener("htmx:beforeRequest", (e) => {
    const xhr = e.detail.xhr;
    requests += 1;
    // Of the request itself, since htmx tells nobody of one whose form has left the page.
    xhr.addEventListener("loadend", () => {
      requests -= 1;
      if (refreshing === xhr) refreshing = null;
      if (wanted) soon();
    });
    if (e.detail.requestConfig.verb === "get") {
      refreshing = xhr;
    } else if (refreshing) {
      wanted = true; // a refresh on its way would take away the pressed form, and with it the answer
      refreshing.abort();
    }
  });
  document.addEventListener("htmx:beforeSwap", (e) => {
    const ours = e.detail.requestConfig.verb === "get" && e.detail.target.id === "main";
    if (ours && !forced && unsaved()) {
      e.detail.shouldSwap = false; // they began to type while it was on its way
      wanted = true;
      putOff();
      return;
    }
    opened = [...document.querySelectorAll("#main details[open]")].map((d) => d.id);
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target.id === "waiting") settle();
    if (["waiting", "checked"].includes(e.detail.target.id)) return; // pieces of a page
    for (const id of opened) if (byId(id)) byId(id).open = true;
    byId("put-off").hidden = true;
    const title = main().dataset.title;
    if (title) document.title = title;
    behindSince = null;
    if (toTop) window.scrollTo(0, 0);
    toTop = false;
    settle();
    countOn();
    sayNotice();
  });
  const failed = (e) => {
    if (e.detail.requestConfig && e.detail.requestConfig.verb === "post") byId("failed").hidden = false;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  };
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:afterRequest", (e) => {
    if (e.detail.successful) byId("failed").hidden = true;
  });
  document.addEventListener("focusout", () => wanted && setTimeout(refresh, SETTLE_MS));
  byId("show-now").addEventListener("click", () => refresh(true));
  byId("peek").addEventListener("click", () => byId("not-live").classList.toggle("peek"));
  document.addEventListener("submit", (e) => {
    // One press, one record: the button says that it was heard.
    for (const button of e.target.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
  });

  // -- times, and what is said aloud

  function span(ms) {
    const s = Math.floor(Math.abs(ms) / 1000);
    const two = (n) => String(n).padStart(2, "0");
    return s < 3600
      ? two(Math.floor(s / 60)) + ":" + two(s % 60)
      : Math.floor(s / 3600) + " h " + two(Math.floor(s / 60) % 60) + " min";
  }

  function countOn() {
    const now = nowMs();
    for (const e of document.querySelectorAll("[data-ago]"))
      e.textContent = span(Math.max(0, now - Number(e.dataset.ago))) + " ago";
    for (const e of document.querySelectorAll("[data-due]")) {
      const left = Number(e.dataset.due) - now;
      e.textContent = left >= 0 ? "in " + span(left) : span(left) + " late";
      const task = e.closest(".task");
      if (task && left < 0 && !task.classList.contains("late")) markLate(task);
    }
  }

  function markLate(task) {
    task.classList.add("late");
    const word = task.querySelector(".word");
    if (word) word.textContent = "LATE";
  }

  function say(text, now) {
    byId(now ? "said-now" : "said").textContent = text;
  }

  function sayNotice() {
    const notice = byId("notice");
    const text = notice ? notice.textContent.trim() : "";
    if (text && text !== said) say(text, notice.classList.contains("refused"));
    said = text;
  }

  connect();
  countOn();
  sayNotice();
  setInterval(() => {
    countOn();
    showLife();
  }, 500);
  document.addEventListener("visibilitychange", showLife);
})();
