// The desk by keyboard alone: a key goes where its link or button goes, rows are walked with j and k. The keys stand in
// data-key attributes; which there are, the server tells (`?`). Never while somebody types (Escape leaves the field), and not
// where a person has switched them off.
(() => {
  const dialog = document.getElementById("dialog");
  const SWITCH = "latchkey-keys";
  const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";
  const VERBS = "[data-key]";
  const off = () => localStorage.getItem(SWITCH) === "off";

  // What the key says, whatever Caps Lock and the layout make of it: a layout without Latin letters has them by their
  // place on the keyboard. Shift with a letter is another key than the letter.
  const said = (event) => {
    const letter = /^Key([A-Z])$/.exec(event.code);
    const key = (event.key.length === 1 && event.key > "~" && letter ? letter[1] : event.key).toLowerCase();
    return event.shiftKey && /^[a-z]$/.test(key) ? `shift+${key}` : key;
  };
  // Where AltGr makes a sign, as / or ? on some keyboards, it comes as Control and Alt together.
  const commanded = (event) => (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");

  const rows = () => [...(dialog.open ? dialog : document).querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const linkOf = (row) => (row.matches("a") ? row : row.querySelector("[data-focus]") ?? row.querySelector("a, button"));
  const here = () => document.activeElement?.closest("[data-row]");
  const walk = (step) => {
    const all = rows();
    const at = all.indexOf(here());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    if (!next) return false;
    linkOf(next).focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  // In a row its own verbs come first; another row's are never meant, nor what comes next while the first still waits for
  // its answer. A field is gone to, everything else is done.
  const verb = (key) => {
    const fits = (one) => one.dataset.key === key;
    const own = here() && [...here().querySelectorAll(VERBS)].find(fits);
    return own ?? [...document.querySelectorAll(VERBS)].find((one) => fits(one) && !one.closest("[data-row]"));
  };

  document.addEventListener("keydown", (event) => {
    if (off() || event.defaultPrevented || event.isComposing || commanded(event)) return;
    const key = said(event);
    const typing = event.target.closest(TYPING);
    const step = { arrowdown: 1, arrowup: -1, j: 1, k: -1 }[key];
    const arrow = key.startsWith("arrow");
    if (step && (arrow ? here() || (dialog.open && typing) : !typing)) {
      if (walk(step)) event.preventDefault();
      return;
    }
    if (typing && key === "escape" && !dialog.open) typing.blur();
    if (typing || dialog.open || event.repeat) return;
    const found = verb(key);
    if (!found || found.disabled) return;
    event.preventDefault();
    if (found.matches(TYPING)) found.focus();
    else found.click();
  });

  // A key that is held down too long answers no question that has just come up.
  document.addEventListener("keydown", (event) => {
    if (event.repeat && event.key === "Enter" && event.target.closest("button, a, input")) event.preventDefault();
  });

  // The switch in the list of keys.
  const tell = (box) => (box.checked = !off());
  document.querySelectorAll("[data-keys-switch]").forEach(tell);
  document.body.addEventListener("htmx:afterSwap", () => document.querySelectorAll("[data-keys-switch]").forEach(tell));
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-keys-switch]")) localStorage.setItem(SWITCH, target.checked ? "on" : "off");
  });
})();
