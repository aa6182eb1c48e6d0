// A form of knobs: shows what is set, keeps what somebody is typing, sends only what was changed.

import { ask, onChange, tryTo } from "./common.js";

// `data-kind` of a field: "words" (a list of texts), "numbers" (a list, empty: none), "text" (empty: none), "none" (a
// number, empty: none); without it a checkbox, a choice, or a number that is 0 where it is empty.
const READ = {
  words: (text) => text.split(/[\s,]+/).filter(Boolean),
  numbers: (text) => (text.trim() ? text.split(/[\s,]+/).filter(Boolean).map(Number) : null),
  text: (text) => text.trim() || null,
  none: (text) => (text === "" ? null : Number(text)),
};

function read(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.dataset.kind) return READ[field.dataset.kind](field.value);
  return field.tagName === "SELECT" ? field.value : Number(field.value);
}

// Returns what draws the knobs' values into `form`; submitting it posts to `path`, says so in `line`, and refreshes.
export function knobForm(form, path, line, refresh) {
  const touched = new Set();
  form.addEventListener("input", (event) => touched.add(event.target.name));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = Object.fromEntries([...touched].map((name) => [name, read(form.elements[name])]));
    if (await tryTo(line, "Set.", () => ask(path, "POST", asked))) touched.clear();
    await refresh();
  });
  return onChange((values) => {
    for (const [name, value] of Object.entries(values)) {
      const field = form.elements[name];
      if (!field || touched.has(name)) continue;
      if (field.type === "checkbox") field.checked = value;
      else field.value = Array.isArray(value) ? value.join(", ") : value ?? "";
    }
  });
}
