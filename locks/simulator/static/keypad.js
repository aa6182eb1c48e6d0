import { ask, battery, because, byId, el, everySecond, lockPath, logLines, modelName, onChange, state } from "./common.js";

const LONGEST = 20;
const DOOR_STAYS_OPEN = 5000;
let typed = "";
let closing;

function drawTyped() {
  const dots = typed ? [...typed].map(() => el("span")) : [el("em", {}, "\u2013 \u2013 \u2013 \u2013")];
  byId("typed").replaceChildren(...dots);
  byId("typed").setAttribute("aria-label", `${typed.length} digits typed`);
}

function press(key) {
  if (key === "clear") typed = "";
  else if (key === "back") typed = typed.slice(0, -1);
  else if (key === "enter") return enter();
  else if (typed.length < LONGEST) typed += key;
  drawTyped();
}

async function enter() {
  if (!typed) return;
  const pin = typed;
  press("clear");
  try {
    show(await ask(lockPath + "/keypad", "POST", { pin }));
  } catch (error) {
    show({ opened: false, reason: error.message });
  }
  await refresh();
}

function show({ opened, reason }) {
  clearTimeout(closing);
  byId("leaf").classList.toggle("open", opened);
  byId("lamp").className = "lamp " + (opened ? "yes" : "no");
  byId("ready").textContent = opened ? "Unlocked" : "Refused";
  byId("verdict").replaceChildren(el("strong", {}, opened ? "The door is open." : "The door stays shut."), because(reason));
  if (!opened) {
    byId("pad").classList.remove("shake");
    requestAnimationFrame(() => byId("pad").classList.add("shake"));
  }
  closing = setTimeout(shut, DOOR_STAYS_OPEN);
}

function shut() {
  byId("leaf").classList.remove("open");
  byId("lamp").className = "lamp";
  byId("ready").textContent = "Type a code, then Enter";
}

const drawLock = onChange((lock) => {
  document.title = lock.name + " \u2013 keypad";
  byId("name").textContent = lock.name;
  byId("plate").textContent = lock.name;
  byId("facts").replaceChildren(
    el("li", {}, state(lock)), el("li", {}, "Battery ", battery(lock)), el("li", {}, modelName(lock)),
    el("li", {}, "The lock's clock ", el("time", { id: "clock" }), " UTC"));
  byId("replaced").hidden = !lock.replaced_by;
  if (lock.replaced_by) {
    byId("replaced").replaceChildren("This lock was reset at the factory and is in the account anew: ",
      el("a", { href: `/locks/${lock.replaced_by}/` }, lock.replaced_by));
  }
});

const drawLog = onChange((entries) => {
  byId("none").hidden = entries.length > 0;
  byId("log").replaceChildren(...logLines(entries));
});

async function refresh() {
  const lock = await ask(lockPath);
  drawLock({ ...lock, clock: null });
  byId("clock").textContent = lock.clock.slice(0, 19).replace("T", " ");
  const { entries } = await ask(`/log?tail=200&lock=${encodeURIComponent(lock.id)}`);
  drawLog(entries.filter((entry) => entry.kind === "keypad").slice(-8).reverse());
}

byId("keys").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) press(button.dataset.key || button.textContent);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // Enter on a focused key or link does what that key or link says.
  const onControl = event.target.closest("button, a");
  if (/^[0-9]$/.test(event.key)) press(event.key);
  else if (event.key === "Backspace") press("back");
  else if (event.key === "Escape") press("clear");
  else if (event.key === "Enter" && (!onControl || /^[0-9]$/.test(onControl.textContent))) press("enter");
  else return;
  event.preventDefault();
});

drawTyped();
everySecond(refresh, byId("silent"));
