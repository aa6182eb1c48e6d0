import { ask, battery, byId, el, everySecond, modelName, onChange, state, tryTo } from "./common.js";
import { knobForm } from "./knobs.js";

const SHOWN = 200;

const drawLocks = onChange(({ locks, total }) => {
  byId("count").textContent = locks.length < total ? `${locks.length} of ${total}` : String(total);
  byId("none").hidden = locks.length > 0;
  byId("locks").replaceChildren(...locks.map(row));
});

function row(lock) {
  const path = "/locks/" + lock.id + "/";
  const codes = lock.slots === null ? String(lock.code_count) : `${lock.code_count} of ${lock.slots}`;
  return el("tr", {},
    el("td", {}, el("strong", {}, lock.name), el("div", { class: "soft small" }, lock.id)),
    el("td", { "data-name": "State" }, state(lock)),
    el("td", { "data-name": "Battery" }, battery(lock)),
    el("td", { "data-name": "Codes", class: "num" }, codes),
    el("td", { "data-name": "Kind" }, modelName(lock)),
    el("td", { class: "acts" },
      el("a", { href: path }, "Keypad"), " \u00a0 ", el("a", { href: path + "app/" }, "Owner's app")));
}

const drawAccount = onChange((account) => {
  byId("down").checked = account.down;
  byId("refuse").checked = !account.auth;
  byId("hook").textContent = account.webhook_url
    ? "Events go to " + account.webhook_url : "Events go nowhere: no webhook is registered.";
});

const drawKnobs = knobForm(byId("knobs"), "/knobs", byId("turned"), () => refresh());

async function refresh() {
  const wanted = byId("find").value.trim();
  // The clock of every lock changes with every answer; it is not shown here.
  const list = await ask(`/locks?limit=${SHOWN}&q=${encodeURIComponent(wanted)}`);
  drawLocks({ ...list, locks: list.locks.map((lock) => ({ ...lock, clock: null })) });
  const account = await ask("/knobs");
  drawAccount(account);
  drawKnobs(account);
}

byId("down").addEventListener("change", (event) => ask("/knobs", "POST", { down: event.target.checked }));
byId("refuse").addEventListener("change", (event) => ask("/knobs", "POST", { auth: !event.target.checked }));

byId("new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const lock = { name: form.name.value.trim(), model: form.model.value };
  if (form.slots.value) lock.slots = Number(form.slots.value);
  if (await tryTo(byId("said"), `${lock.name} is there.`, () => ask("/locks", "POST", lock))) form.reset();
});

everySecond(refresh, byId("silent"));
