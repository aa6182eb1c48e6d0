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

  // A live region is not exchanged under a hand: while something in it is pressed, or a form waits for its answer,
  // the fresh copy is left aside and fetched again afterwards. Otherwise a click now and then hits nothing, and an
  // answer finds its row gone.
  const missed = new Set();
  const inHand = (region) =>
    document.querySelector("form.htmx-request") || region.querySelector("button:active, a:active");
  const catchUp = () => {
    for (const id of missed) {
      const region = document.getElementById(id);
      if (region && inHand(region)) continue;
      missed.delete(id);
      const url = region?.getAttribute("hx-get");
      if (url) htmx.ajax("get", url, { source: region, target: region, swap: "outerHTML" });
    }
  };
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (requestConfig.verb !== "get" || !target.hasAttribute("hx-get") || !inHand(target)) return;
    event.detail.shouldSwap = false;
    missed.add(target.id);
  });
  const afterwards = () => setTimeout(catchUp);
  body.addEventListener("htmx:afterRequest", afterwards);
  for (const name of ["pointerup", "pointercancel", "keyup"]) window.addEventListener(name, afterwards);

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

  // Good news fades, bad news stays until it is dismissed.
  const fade = (toast) => setTimeout(() => toast.remove(), 8000);
  toasts.querySelectorAll("[data-fades]").forEach(fade);
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.nodeType === Node.ELEMENT_NODE && node.hasAttribute("data-fades")) fade(node);
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

  // Is the page live, or does it ask once a minute?
  const say = (state) => () => stream?.setAttribute("data-state", state);
  body.addEventListener("htmx:sseOpen", say("live"));
  body.addEventListener("htmx:sseError", say("polling"));
})();
