import { ask, battery, byId, el, everySecond, lockPath, logLines, modelName, onChange, say, state, tryTo, when } from "./common.js";

let editing = null;
let resetAsked = false;
const form = byId("code");
const knobForm = byId("knobs");

const drawLock = onChange((lock) => {
  document.title = lock.name + " \u2013 owner's app";
  byId("name").textContent = lock.name;
  byId("facts").replaceChildren(el("li", {}, state(lock)), el("li", {}, "Battery ", battery(lock)), el("li", {}, modelName(lock)),
    el("li", {}, `PINs of ${lock.pin_lengths.join(", ")} digits`));
  for (const label of form.querySelectorAll(".window")) label.hidden = !lock.native_scheduling;
  byId("replaced").hidden = !lock.replaced_by;
  if (lock.replaced_by) {
    byId("replaced").replaceChildren("This lock was reset at the factory and is in the account anew: ",
      el("a", { href: `/locks/${lock.replaced_by}/app/` }, lock.replaced_by));
  }
  byId("count").textContent = lock.slots === null ? lock.codes.length : `${lock.codes.length} of ${lock.slots} slots`;
  byId("none").hidden = lock.codes.length > 0;
  byId("codes").replaceChildren(...lock.codes.map(row));
});

function row(code) {
  return el("tr", {},
    el("td", {}, el("strong", {}, code.name)),
    el("td", { "data-name": "PIN" }, el("span", { class: "pin" }, code.pin)),
    el("td", { "data-name": "From" }, when(code.starts_at) || el("span", { class: "soft" }, "at once")),
    el("td", { "data-name": "Until" }, when(code.ends_at) || el("span", { class: "soft" }, "for ever")),
    el("td", { class: "acts" },
      el("button", { type: "button", class: "plain", "aria-label": "Edit " + code.name, onclick: () => edit(code) }, "Edit"), " ",
      el("button", { type: "button", class: "plain danger", "aria-label": "Delete " + code.name, onclick: () => remove(code) }, "Delete")));
}

function edit(code) {
  editing = code;
  form.reset();
  if (code) {
    form.name.value = code.name;
    form.pin.value = code.pin;
    form.starts_at.value = minutes(code.starts_at);
    form.ends_at.value = minutes(code.ends_at);
    form.name.focus();
  }
  byId("edit").textContent = code ? "Change " + code.name : "Add a code";
  byId("save").textContent = code ? "Save" : "Add code";
  byId("cancel").hidden = !code;
}

async function remove(code) {
  await tryTo(byId("said"), `${code.name} is deleted.`, () => ask(`${lockPath}/app/codes/${code.id}`, "DELETE"));
  if (editing?.id === code.id) edit(null);
  await refresh();
}

function minutes(iso) {
  return (iso || "").slice(0, 16);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = { name: form.name.value.trim(), pin: form.pin.value.trim() };
  // The form shows whole minutes: a time nobody touched keeps its seconds.
  for (const bound of ["starts_at", "ends_at"]) {
    const value = form.elements[bound].value;
    if (!editing || value !== minutes(editing[bound])) code[bound] = value ? value + ":00Z" : null;
  }
  const path = `${lockPath}/app/codes` + (editing ? "/" + editing.id : "");
  if (await tryTo(byId("said"), `${code.name} is on the lock.`, () => ask(path, editing ? "PUT" : "POST", code))) edit(null);
  await refresh();
});
byId("cancel").addEventListener("click", () => edit(null));

// Fields somebody is changing keep what was typed until it is set.
const touched = new Set();
knobForm.addEventListener("input", (event) => touched.add(event.target.name));

const drawKnobs = onChange((values) => {
  for (const [name, value] of Object.entries(values)) {
    const field = knobForm.elements[name];
    if (!field || touched.has(name)) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = Array.isArray(value) ? value.join(", ") : value ?? "";
  }
});

function read(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.name === "reject_pins") return field.value.split(/[\s,]+/).filter(Boolean);
  if (field.value === "") return field.name === "slots" || field.name === "battery" ? null : 0;
  return Number(field.value);
}

knobForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = Object.fromEntries([...touched].map((name) => [name, read(knobForm.elements[name])]));
  if (await tryTo(byId("turned"), "Set.", () => ask(lockPath + "/knobs", "POST", asked))) touched.clear();
  await refresh();
});
byId("release").addEventListener("click", () =>
  tryTo(byId("turned"), "Released.", () => ask(lockPath + "/knobs", "POST", { release: true })));

byId("wipe").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!resetAsked) {
    resetAsked = true;
    return say(byId("wiped"), "Press again to delete every code of this lock.", true);
  }
  resetAsked = false;
  const body = { new_identity: !event.target.same.checked };
  await tryTo(byId("wiped"), "The lock is reset.", () => ask(lockPath + "/factory_reset", "POST", body));
  await refresh();
});

const drawLog = onChange((entries) => byId("log").replaceChildren(...logLines(entries)));

async function refresh() {
  const lock = await ask(lockPath);
  drawLock({ ...lock, clock: null });
  drawKnobs({ ...lock.knobs, slots: lock.slots, battery: lock.battery });
  const { entries } = await ask(`/log?tail=12&lock=${encodeURIComponent(lock.id)}`);
  drawLog(entries.reverse());
}

everySecond(refresh, byId("silent"));
