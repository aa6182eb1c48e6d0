import { ask, battery, byId, el, everySecond, lockPath, logLines, modelName, onChange, say, state, tryTo, when } from "./common.js";
import { knobForm } from "./knobs.js";

const OF_THE_DOOR = ["removed", "lockout", "clock_offset_seconds", "time_zone", "battery"];
let editing = null;
let resetAsked = false;
const form = byId("code");

const drawLock = onChange((lock) => {
  document.title = lock.name + " \u2013 owner's app";
  byId("name").textContent = lock.name;
  byId("facts").replaceChildren(el("li", {}, state(lock)), el("li", {}, "Battery ", battery(lock)), el("li", {}, modelName(lock)),
    el("li", {}, `PINs of ${lock.pin_lengths.join(", ")} digits`));
  for (const label of form.querySelectorAll(".window")) label.hidden = !lock.native_scheduling;
  showConnected(lock.can_program_online_access_codes);
  byId("replaced").hidden = !lock.replaced_by;
  if (lock.replaced_by) {
    byId("replaced").replaceChildren("This lock was reset at the factory and is in the account anew: ",
      el("a", { href: `/locks/${lock.replaced_by}/app/` }, lock.replaced_by));
  }
  byId("count").textContent = lock.slots === null ? lock.codes.length : `${lock.codes.length} of ${lock.slots} slots`;
  byId("none").hidden = lock.codes.length > 0;
  byId("codes").replaceChildren(...lock.codes.map(row));
});

// A lock that is never connected has no codes on it, and nothing can go wrong on the way to it.
function showConnected(connected) {
  byId("keeps-none").hidden = connected;
  for (const id of ["codes-card", "edit-card", "later", "release"]) byId(id).hidden = !connected;
  for (const field of byId("knobs").elements) {
    if (field.name && !OF_THE_DOOR.includes(field.name)) field.closest("label").hidden = !connected;
  }
}

function row(code) {
  return el("tr", {},
    el("td", {}, el("strong", {}, code.name), code.active ? "" : el("div", { class: "off small" }, "Switched off")),
    el("td", { "data-name": "PIN" }, el("span", { class: "pin" }, code.pin)),
    el("td", { "data-name": "From" }, when(code.starts_at) || el("span", { class: "soft" }, "at once")),
    el("td", { "data-name": "Until" }, when(code.ends_at) || el("span", { class: "soft" }, "for ever")),
    el("td", { class: "acts" },
      el("button", { type: "button", class: "plain", "aria-label": "Edit " + code.name, onclick: () => edit(code) }, "Edit"), " ",
      el("button", { type: "button", class: "plain", "aria-label": `Switch ${code.name} ${code.active ? "off" : "on"}`, onclick: () => turn(code) },
        code.active ? "Switch off" : "Switch on"), " ",
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

async function turn(code) {
  const said = `${code.name} is switched ${code.active ? "off" : "on"}.`;
  await tryTo(byId("said"), said, () => ask(`${lockPath}/app/codes/${code.id}`, "PUT", { active: !code.active }));
  await refresh();
}

function minutes(iso) {
  return (iso || "").slice(0, 16);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = form.name.value.trim();
  const code = { pin: form.pin.value.trim() };
  // The form shows one name and whole minutes: what nobody touched keeps its parts and its seconds.
  if (!editing || name !== editing.name) code.name = name;
  for (const bound of ["starts_at", "ends_at"]) {
    const value = form.elements[bound].value;
    if (!editing || value !== minutes(editing[bound])) code[bound] = value ? value + ":00Z" : null;
  }
  const path = `${lockPath}/app/codes` + (editing ? "/" + editing.id : "");
  if (await tryTo(byId("said"), `${name} is on the lock.`, () => ask(path, editing ? "PUT" : "POST", code))) edit(null);
  await refresh();
});
byId("cancel").addEventListener("click", () => edit(null));

const drawKnobs = knobForm(byId("knobs"), lockPath + "/knobs", byId("turned"), () => refresh());
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
  drawKnobs({ ...lock, ...lock.knobs, clock: null });
  const { entries } = await ask(`/log?tail=12&lock=${encodeURIComponent(lock.id)}`);
  drawLog(entries.reverse());
}

everySecond(refresh, byId("silent"));
