// What the desk adds to plain pages: the dialog, the toasts, where the focus goes, the word about the stream.
// Keyed by data- attributes and ids; without it every form still works, with a page load.
(() => {
  const body = document.body;
  const dialog = document.getElementById("dialog");
  const toasts = document.getElementById("toasts");
  const stream = document.getElementById("stream");

  // The dialog opens when something was swapped into it, and closes on the server's word.
  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === dialog && !dialog.open) dialog.showModal();
  });
  body.addEventListener("dialog:close", () => dialog.close());
  dialog.addEventListener("close", () => dialog.replaceChildren());

  // Live regions fetch themselves when their bell rings. A copy that was asked for before a later ring, or that
  // overtook a newer one, is fetched again: `rang` and `shown` number rings and askings in the order they happened.
  // Nothing is exchanged under a hand: while something is pressed, anywhere (what grows above a button moves it away), or
  // a form or a link waits for its answer, the fresh copy is left aside. Otherwise a click now and then hits nothing, and
  // an answer finds its row or its dialog's link gone.
  const REGION = "[hx-get][hx-trigger][hx-target=this]";
  const rang = new Map();
  const shown = new Map();
  let count = 0;
  const inHand = () => document.querySelector("form.htmx-request, a.htmx-request, button:active, a:active");
  const catchUp = () => {
    if (inHand()) return;
    for (const region of document.querySelectorAll(REGION)) {
      const behind = (rang.get(region.id) ?? 0) > (shown.get(region.id) ?? 0);
      if (!behind || region.closest(".htmx-request")) continue;
      const url = region.getAttribute("hx-get");
      htmx.ajax("get", url, { source: region, target: region, swap: "outerHTML settle:0ms" });
    }
  };
  const afterwards = () => setTimeout(catchUp);
  body.addEventListener("htmx:trigger", ({ target }) => {
    if (target.matches(REGION)) rang.set(target.id, ++count);
  });
  body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    detail.xhr.asked = ++count;
  });
  body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.requestConfig.elt.matches(REGION) && inHand()) detail.shouldSwap = false;
  });
  // What waits for an answer of its own is not exchanged by another's: its answer would find its place gone.
  body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (detail.target.querySelector(".htmx-request")) detail.shouldSwap = false;
  });
  // Digits that are asked for while others are being hidden: that answer would exchange the place of theirs.
  let hiding = null;
  body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.target.id !== "secret") return;
    hiding?.abort();
    hiding = detail.requestConfig.verb === "get" ? detail.xhr : null;
  });
  body.addEventListener("htmx:afterSwap", ({ detail }) => {
    const region = document.getElementById(detail.target.id);
    for (const part of region ? [region, ...region.querySelectorAll(REGION)] : []) shown.set(part.id, detail.xhr.asked);
  });
  body.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful) rang.delete(detail.target.id); // the next ring, or the minute, tries again
    afterwards();
  });
  for (const name of ["pointerup", "pointercancel", "keyup"]) window.addEventListener(name, afterwards);

  // What was chosen or ticked while a region was fetched stays so in the fresh copy, where it is still offered.
  let chosen = [];
  body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const kept = detail.requestConfig.verb === "get" ? detail.target.querySelectorAll("[data-keep]") : [];
    chosen = [...kept].map(({ id, value, checked }) => ({ id, value, checked }));
  });
  body.addEventListener("htmx:afterSwap", () => {
    for (const { id, value, checked } of chosen.splice(0)) {
      const fresh = document.getElementById(id);
      if (fresh?.type === "checkbox") fresh.checked = checked;
      const offered = [...(fresh?.options ?? [])].find((one) => one.value === value);
      if (offered && !offered.disabled) offered.selected = true;
    }
  });

  // After a button was used, its region is new: keep the keyboard where the person was.
  let used = null;
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "post") used = event.detail.target.id;
  });
  body.addEventListener("htmx:afterSettle", () => {
    if (!used || dialog.open || document.activeElement !== body) return;
    document.getElementById(used)?.querySelector("[data-focus]")?.focus();
  });
  for (const name of ["pointerdown", "keydown"]) body.addEventListener(name, () => (used = null));

  // Good news fades, bad news stays until it is dismissed. What is said again takes the place of what was said before.
  const fade = (toast) => setTimeout(() => toast.remove(), 8000);
  const wordsOf = (toast) => toast.querySelector("p").textContent;
  toasts.querySelectorAll("[data-fades]").forEach(fade);
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      if (node.hasAttribute("data-fades")) fade(node);
      for (const toast of [...toasts.children]) if (toast !== node && wordsOf(toast) === wordsOf(node)) toast.remove();
    }
  }).observe(toasts, { childList: true });
  toasts.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
  });

  // Only what a person asked for is worth a toast; a missed refresh is made up for by the next one.
  const unanswered = (event) => {
    const { verb, triggeringEvent } = event.detail.requestConfig;
    if (verb === "get" && triggeringEvent?.type !== "click") return;
    if (toasts.querySelector("[data-no-answer]")) return;
    const toast = document.getElementById("no-answer").content.firstElementChild.cloneNode(true);
    toast.setAttribute("data-no-answer", "");
    toasts.append(toast);
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) body.addEventListener(name, unanswered);

  // The day of departure goes along with the arrival, for as many nights as before. In the capturing phase: what asks for
  // the rooms of the new days asks for both.
  const DAY = 24 * 3600 * 1000;
  let nights = 1;
  const led = ({ target }) => document.getElementById(target.dataset?.leads);
  body.addEventListener("focusin", (event) => {
    const departure = led(event);
    if (departure) nights = (Date.parse(departure.value) - Date.parse(event.target.value)) / DAY;
  });
  const lead = (event) => {
    const departure = led(event);
    const arrival = Date.parse(event.target.value);
    if (departure && arrival) departure.value = new Date(arrival + (nights > 0 ? nights : 1) * DAY).toISOString().slice(0, 10);
  };
  body.addEventListener("change", lead, true);

  // What takes a while says so on its button, which is used once.
  body.addEventListener("submit", ({ submitter }) => {
    if (!submitter?.dataset.busy) return;
    submitter.textContent = submitter.dataset.busy;
    setTimeout(() => (submitter.disabled = true)); // what is sent is the form as it was
  });

  // A link to hand over is selected whole by one press.
  body.addEventListener("click", (event) => {
    if (event.target.matches(".copied")) event.target.select();
  });

  // Pages for paper are printed by the browser.
  body.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // In a strip that scrolls sideways the page where one is stands in sight, and whatever the keyboard comes to.
  const inSight = (link) => link.scrollIntoView({ block: "nearest", inline: "center" });
  document.querySelectorAll(":is(.nav, .tabs) [aria-current]").forEach(inSight);
  body.addEventListener("focusin", ({ target }) => target.matches(":is(.nav, .tabs) a") && inSight(target));

  // Is the page live, or does it ask once a minute?
  const say = (state) => () => stream?.setAttribute("data-state", state);
  body.addEventListener("htmx:sseOpen", say("live"));
  body.addEventListener("htmx:sseError", say("polling"));
})();
