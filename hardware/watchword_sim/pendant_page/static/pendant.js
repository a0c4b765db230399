"use strict";
// Presses go to the simulated board; its outputs come back as server-sent events.
const byId = (id) => document.getElementById(id);
const MAX_LOG = 100;
const SILENT_MS = 25000;
let heardAt = Date.now();
let audio = null, tone = null, gain = null;
const held = {}; // since when a button is down, by name

async function control(wanted) {
  try {
    await fetch("/control", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(wanted)});
  } catch (e) {
    byId("stale").hidden = false;
  }
}

function listen(button) {
  const name = button.dataset.button;
  const set = (down) => {
    if (button.classList.contains("down") === down) return;
    button.classList.toggle("down", down);
    held[name] = down ? performance.now() : null;
    wakeAudio();
    control({button: name, down});
  };
  if (button.dataset.latch) {
    button.addEventListener("click", () => {
      set(!button.classList.contains("down"));
      button.textContent = button.classList.contains("down") ? "Put the lanyard back" : "Pull the lanyard";
    });
    return;
  }
  button.addEventListener("pointerdown", (e) => { button.setPointerCapture(e.pointerId); set(true); });
  for (const over of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(over, () => set(false));
  button.addEventListener("keydown", (e) => { if ((e.key === " " || e.key === "Enter") && !e.repeat) { e.preventDefault(); set(true); } });
  button.addEventListener("keyup", (e) => { if (e.key === " " || e.key === "Enter") { e.preventDefault(); set(false); } });
  button.addEventListener("contextmenu", (e) => e.preventDefault());
}

function wakeAudio() {
  if (audio) return;
  audio = new AudioContext();
  tone = audio.createOscillator();
  gain = audio.createGain();
  gain.gain.value = 0;
  tone.connect(gain).connect(audio.destination);
  tone.start();
}

// The number that the hub puts behind a message's title tells its copies apart; here it only distracts.
const plain = (title) => title.replace(/ \[[0-9a-f]{8}\]$/, "");

const heard = {
  hello(d) {
    byId("wearer").textContent = d.wearer ? `of ${d.wearer}` : "";
    if (d.minute_s) byId("minute").textContent = `${d.minute_s} s`;
    showPower(d.on);
  },
  motor(d) {
    const on = d.duty > 0;
    byId("pendant").classList.toggle("shakes", on);
    byId("motor").textContent = on ? "vibrates" : "still";
    if (on && navigator.vibrate) navigator.vibrate(50);
  },
  led(d) {
    byId("led").classList.toggle("lit", d.duty > 0);
    byId("led").setAttribute("aria-label", d.duty > 0 ? "LED lit" : "LED dark");
  },
  buzzer(d) {
    if (!audio) return;
    tone.frequency.value = d.hz || 2700;
    gain.gain.value = d.duty > 0 ? 0.1 : 0;
  },
  felt(d) {
    byId("now").textContent = d.means;
    byId("now").dataset.kind = d.name;
    note("log", d.means);
  },
  told(d) { note("told", `to ${d.name}: ${plain(d.title)}`); },
  power(d) { showPower(d.on); },
  full() { byId("stale").textContent = "Too many pendant pages are open: close one."; byId("stale").hidden = false; },
};

function note(list, text) {
  const line = document.createElement("li");
  const at = document.createElement("time");
  at.textContent = new Date().toLocaleTimeString("en-GB");
  line.append(at, text);
  for (const none of byId(list).querySelectorAll(".none")) none.remove();
  byId(list).prepend(line);
  while (byId(list).children.length > MAX_LOG) byId(list).lastChild.remove();
}

function showPower(on) {
  byId("pendant").classList.toggle("off", !on);
  if (!on) byId("motor").textContent = "switched off";
  byId("power").textContent = on ? "Cut the power" : "Switch on";
  byId("power").dataset.on = on ? "1" : "";
}

const stream = new EventSource("/events");
for (const [name, act] of Object.entries(heard)) stream.addEventListener(name, (e) => { heardAt = Date.now(); byId("stale").hidden = name !== "full"; act(JSON.parse(e.data)); });
stream.onopen = () => { heardAt = Date.now(); byId("stale").hidden = true; };
stream.onerror = () => { byId("stale").hidden = Date.now() - heardAt < 3000; };
setInterval(() => { if (stream.readyState === EventSource.CLOSED || Date.now() - heardAt > SILENT_MS && stream.readyState !== EventSource.OPEN) byId("stale").hidden = false; }, 2000);
setInterval(() => {
  for (const bar of document.querySelectorAll("[data-hold]")) {
    const since = held[bar.dataset.hold];
    bar.value = since ? performance.now() - since : 0;
  }
}, 50);

document.querySelectorAll("[data-button]").forEach(listen);
byId("battery").addEventListener("input", (e) => { byId("mv").textContent = `${e.target.value} mV`; control({battery_mv: Number(e.target.value)}); });
byId("power").addEventListener("click", () => control({power: !byId("power").dataset.on}));
