/* The sound of an alarm that nobody has: two short tones every 3 s, until a person takes it or the sound is silenced.
   Silencing is neither acknowledging nor resolving: it lasts SILENCE_MS, and not for a new alarm. */
"use strict";
(() => {
  const EVERY_MS = 3000;
  const SILENCE_MS = 120000;
  const KEY = "silenced";
  const silence = document.getElementById("silence");
  const allow = document.getElementById("sound-on");
  if (!silence) return;

  let context = null;

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
    if (now.length === 0) {
      allow.hidden = true;
      return;
    }
    context = context || new AudioContext();
    if (context.state !== "running") {
      context.resume().catch(() => {});
      allow.hidden = false;
      return;
    }
    allow.hidden = true;
    tone(context.currentTime, 880);
    tone(context.currentTime + 0.3, 660);
  }

  silence.addEventListener("click", () => {
    const until = {};
    for (const id of waiting()) until[id] = Date.now() + SILENCE_MS;
    sessionStorage.setItem(KEY, JSON.stringify(until));
    sound();
  });
  allow.addEventListener("click", () => {
    context = context || new AudioContext();
    context.resume().then(sound);
  });
  setInterval(sound, EVERY_MS);
  document.addEventListener("htmx:afterSwap", () => show(loud()));
  sound();
})();
