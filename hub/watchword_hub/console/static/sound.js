/* The sound of an alarm that nobody has: two short tones every 3 s, until a person takes it or the sound is silenced.
   Silencing is neither acknowledging nor resolving: it lasts SILENCE_MS, and not for a new alarm. */
"use strict";
(() => {
  const EVERY_MS = 3000;
  const SILENCE_MS = 120000;
  const STARTS_MS = 500; // within which a browser that allows sound has begun it
  const KEY = "silenced";
  const silence = document.getElementById("silence");
  const allow = document.getElementById("sound-on");
  if (!silence) return;

  let context = null;
  let heard = []; // the alarms of the last tones

  const waiting = () => [...document.querySelectorAll("[data-alarm-waiting]")].map((e) => e.dataset.alarmWaiting);
  const silenced = () => JSON.parse(sessionStorage.getItem(KEY) || "{}");
  const loud = () => {
    const until = silenced();
    return waiting().filter((id) => !(until[id] > Date.now()));
  };

  function tone(at, hertz) {
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.3, at + 0.02);
    gain.gain.setValueAtTime(0.3, at + 0.18);
    gain.gain.linearRampToValueAtTime(0, at + 0.22);
    gain.connect(context.destination);
    const source = context.createOscillator();
    source.frequency.value = hertz;
    source.connect(gain);
    source.start(at);
    source.stop(at + 0.25);
  }

  function show(now) {
    if (now.length === 0) silence.dataset.off = "yes";
    else delete silence.dataset.off;
  }

  function sound() {
    const now = loud();
    show(now);
    heard = now;
    if (!context) {
      context = new AudioContext();
      context.addEventListener("statechange", sound);
    }
    if (context.state !== "running") {
      context.resume().catch(() => {});
      setTimeout(offer, STARTS_MS);
      return;
    }
    offer();
    if (now.length === 0) return;
    tone(context.currentTime, 880);
    tone(context.currentTime + 0.3, 660);
  }

  /* Before there is an alarm, too: then is the time to find out that it would be silent. */
  function offer() {
    allow.hidden = context.state === "running";
  }

  silence.addEventListener("click", () => {
    const until = {};
    for (const id of waiting()) until[id] = Date.now() + SILENCE_MS;
    sessionStorage.setItem(KEY, JSON.stringify(until));
    sound();
  });
  allow.addEventListener("click", () => context.resume());
  setInterval(sound, EVERY_MS);
  document.addEventListener("htmx:afterSwap", () => {
    const now = loud();
    if (now.some((id) => !heard.includes(id))) sound(); // at once: behind another page, timers may take a minute
    else show(now);
  });
  sound();
})();
