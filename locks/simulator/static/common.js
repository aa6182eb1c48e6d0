// What the three pages share: asking the simulator, building elements, and saying things plainly.

export const lockPath = "/locks/" + location.pathname.split("/")[2];

export async function ask(path, method = "GET", body = undefined) {
  const options = { method, headers: { "Content-Type": "application/json" }, cache: "no-store" };
  if (body !== undefined) options.body = JSON.stringify(body);
  const answer = await fetch(path, options);
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error.message);
  return data;
}

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") made.addEventListener("click", value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

export function when(iso) {
  if (!iso) return "";
  return el("time", { datetime: iso }, iso.slice(0, 16).replace("T", " "));
}

export function state(lock) {
  if (lock.replaced_by) return el("span", { class: "state off" }, "Replaced");
  if (lock.knobs.removed) return el("span", { class: "state off" }, "Removed from the account");
  if (lock.online === null) return el("span", { class: "state" }, "Never connected");
  if (lock.hub_online === false) return el("span", { class: "state off" }, "Hub offline");
  return el("span", { class: "state " + (lock.online ? "on" : "off") }, lock.online ? "Online" : "Offline");
}

export function battery(lock) {
  if (lock.battery === null) return el("span", { class: "soft" }, "not known");
  const percent = Math.round(lock.battery * 100) + " %";
  return el("span", { class: lock.battery < 0.2 ? "num warn" : "num" }, lock.battery < 0.2 ? percent + " (low)" : percent);
}

export function modelName(lock) {
  if (!lock.can_program_online_access_codes) return "Virtual offline lock";
  return lock.native_scheduling ? "Keeps time windows" : "No time windows";
}

const REASONS = {
  opened: "This code is good now.",
  unknown_code: "No code with these digits is on this lock.",
  inactive: "The code is on this lock, but switched off.",
  not_yet_valid: "The code's time has not begun.",
  expired: "The code's time is over.",
  not_activated: "The code was not used within 24 hours of its start: it is dead.",
  used: "This code opened once, and that was all.",
  locked_out: "Too many wrong entries: the keypad is locked for a minute.",
  battery_dead: "The battery is empty.",
  replaced: "After a factory reset this lock has a new name in the account.",
};

export function because(reason) {
  return REASONS[reason] || reason;
}

// Runs `work` now and every second; says so in `line` while the simulator does not answer.
export function everySecond(work, line) {
  async function turn() {
    try {
      await work();
      line.hidden = true;
    } catch (error) {
      line.hidden = false;
      line.textContent = "The simulator does not answer: what you see may be old. (" + error.message + ")";
    }
    setTimeout(turn, 1000);
  }
  turn();
}

// Calls `draw` only if `data` is not what was drawn last, so that focus and selection stay.
export function onChange(draw) {
  let last;
  return (data) => {
    const now = JSON.stringify(data);
    if (now !== last) draw(data);
    last = now;
  };
}

export function say(line, text, wrong = false) {
  line.textContent = text;
  line.classList.toggle("wrong", wrong);
}

// Does `work`; its failure is said in `line`.
export async function tryTo(line, done, work) {
  try {
    await work();
    say(line, done);
    return true;
  } catch (error) {
    say(line, error.message, true);
    return false;
  }
}

const WORDS = {
  "lock.created": () => "Lock made",
  "lock.reset": () => "Factory reset: all codes gone",
  "code.created": (d) => `Code added by ${who(d)}: ${d.code.name}`,
  "code.updated": (d) => `Code changed by ${who(d)}: ${d.code.name}`,
  "code.deleted": (d) => `Code deleted by ${who(d)}: ${d.code.name}`,
  "write.forgotten": (d) => `Answered as done and not done (${d.operation})`,
  "listing.false": (d) => `Listed wrongly (${d.how})`,
  "request.overlap": (d) => `Asked (${d.operation}) before the last request was done`,
  "request.refused": (d) => `Refused (${d.operation}): ${d.code}`,
  "answer.lost": (d) => `Done, answer lost (${d.operation})`,
  "answer.held": (d) => `Done, answer held back (${d.operation})`,
  "answer.released": (d) => (d.client_gone ? "Client gone while the answer was held" : "Held answer released"),
  "answer.garbage": (d) => `Answered with garbage (${d.operation})`,
  keypad: (d) => (d.opened ? "Door opened" : "Door stayed shut: " + because(d.reason)),
  knobs: (d) => "Knobs: " + Object.entries(d).map(([key, value]) => `${key} ${value}`).join(", "),
  "webhook.delivered": (d) => `Event delivered: ${d.type}`,
  "webhook.lost": (d) => `Event lost: ${d.type}`,
  "webhook.failed": (d) => `Event not delivered: ${d.type} (${d.outcome})`,
};

function who(details) {
  return details.by === "app" ? "the owner's app" : "the hotel";
}

export function logLines(entries) {
  return entries.map((entry) => {
    const words = WORDS[entry.kind];
    const time = el("time", { datetime: entry.at, title: entry.at }, entry.at.slice(11, 19));
    return el("li", {}, time, el("span", {}, words ? words(entry.details) : entry.kind));
  });
}
