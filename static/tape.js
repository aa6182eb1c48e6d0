// Moving stays on the tape chart, by hand and by key. Both draw a ghost of what would be, and then ask the server for
// that change: it says what the change does at the doors, and makes it only when somebody says yes.
(() => {
  const DAY = 24 * 60 * 60 * 1000;
  const scroll = document.getElementById("tape-scroll");
  const says = document.getElementById("tape-says");
  const dialog = document.getElementById("dialog");
  const noon = (iso) => Date.parse(`${iso}T12:00Z`);
  const plus = (iso, days) => new Date(noon(iso) + days * DAY).toISOString().slice(0, 10);
  const between = (from, to) => Math.round((noon(to) - noon(from)) / DAY);

  // What is in hand: the bar's id (a live copy may take its place), what is wished for, and the drawn ghost.
  let hand = null;
  let dragged = false;

  const bar = () => document.getElementById(hand.id);
  const rowOf = (element) => element.closest("tr");
  const rooms = () => [...scroll.querySelectorAll("tr[data-room]")];
  const days = () => [...scroll.querySelectorAll("th[data-day]")];

  const span = (room) => {
    const told = { room, arrival: hand.arrival, departure: hand.departure };
    return says.dataset.span.replace(/\{(\w+)\}/g, (gap, name) => told[name]);
  };

  const take = (element, mode) => {
    const { arrival, departure } = element.dataset;
    hand = { id: element.id, mode, room: rowOf(element).dataset.room ?? "", arrival, departure };
    hand.was = { ...hand };
    hand.ghost = document.createElement("div");
    hand.ghost.className = "tape__ghost";
    scroll.append(hand.ghost);
    draw();
  };

  const leave = () => {
    hand?.ghost.remove();
    hand = null;
  };

  // The ghost goes from the middle of the first day to the middle of the last, as the bars do.
  const draw = () => {
    const row = rooms().find((one) => one.dataset.room === hand.room) ?? rowOf(bar());
    const first = days()[0];
    const from = between(first.dataset.day, hand.arrival) + 0.5;
    const to = Math.min(between(first.dataset.day, hand.departure) + 0.5, days().length);
    const width = first.getBoundingClientRect().width;
    const frame = scroll.getBoundingClientRect();
    const left = first.getBoundingClientRect().left - frame.left + scroll.scrollLeft;
    const top = row.getBoundingClientRect();
    Object.assign(hand.ghost.style, {
      left: `${left + Math.max(from, 0) * width}px`,
      width: `${Math.max(to - Math.max(from, 0), 0.5) * width}px`,
      top: `${top.top - frame.top + scroll.scrollTop}px`,
      height: `${top.height}px`,
    });
    hand.ghost.textContent = span(row.dataset.name);
  };

  const ask = () => {
    const wish = new URLSearchParams();
    for (const name of ["room", "arrival", "departure"]) {
      if (hand[name] !== hand.was[name]) wish.set(name, hand[name]);
    }
    if (!wish.size) return leave();
    hand.mode = "asked";
    hand.url = `${bar().getAttribute("href")}move/`;
    htmx.ajax("get", `${hand.url}?${wish}`, { target: "#dialog", swap: "innerHTML settle:0ms" });
  };

  const shift = (days) => {
    if (!bar().hasAttribute("data-here")) hand.arrival = plus(hand.arrival, days);
    stretch(days);
  };
  const stretch = (days) => {
    const departure = plus(hand.departure, days);
    if (departure > hand.arrival) hand.departure = departure;
  };

  // By hand: a mouse or a pen; a finger scrolls, and opens the stay.
  const dayAt = (x) => days().find((one) => x < one.getBoundingClientRect().right)?.dataset.day ?? days().at(-1).dataset.day;
  const roomAt = (y) => rooms().find((one) => y < one.getBoundingClientRect().bottom && y >= one.getBoundingClientRect().top);

  scroll.addEventListener("pointerdown", (event) => {
    dragged = false;
    const element = event.target.closest("[data-move]");
    if (!element || event.button || event.pointerType === "touch" || dialog.open) return;
    leave();
    const edge = event.target.closest(".bar-stay__end");
    scroll.tapeStart = { element, edge, x: event.clientX, y: event.clientY, day: dayAt(event.clientX) };
  });
  window.addEventListener("pointermove", (event) => {
    const start = scroll.tapeStart;
    if (!start) return;
    if (!hand && Math.hypot(event.clientX - start.x, event.clientY - start.y) > 5) {
      take(start.element, "drag");
      dragged = true;
    }
    if (hand?.mode !== "drag" || !bar()) return;
    Object.assign(hand, { arrival: hand.was.arrival, departure: hand.was.departure, room: hand.was.room });
    const by = between(start.day, dayAt(event.clientX));
    if (start.edge) {
      stretch(by);
    } else {
      shift(by);
      hand.room = roomAt(event.clientY)?.dataset.room ?? hand.was.room;
    }
    draw();
  });
  window.addEventListener("pointerup", () => {
    scroll.tapeStart = null;
    if (hand?.mode === "drag") ask();
  });
  window.addEventListener("pointercancel", () => {
    scroll.tapeStart = null;
    leave();
  });
  scroll.addEventListener("click", (event) => {
    if (dragged) event.preventDefault();
    dragged = false;
  });

  // By key: from stay to stay, and a stay that was taken up goes where the arrows say.
  const told = () => {
    const row = rooms().find((one) => one.dataset.room === hand.room);
    says.textContent = `${bar().querySelector(".bar-stay__guest").textContent}: ${span(row?.dataset.name ?? says.dataset.noRoom)}.`;
  };
  const KEYS = {
    ArrowLeft: (more) => (more ? stretch(-1) : shift(-1)),
    ArrowRight: (more) => (more ? stretch(1) : shift(1)),
    ArrowUp: () => step(-1),
    ArrowDown: () => step(1),
  };
  const step = (by) => {
    const all = rooms();
    const at = all.findIndex((one) => one.dataset.room === hand.room);
    hand.room = (all[at + by] ?? all[at] ?? all[0]).dataset.room;
  };
  const go = (element, key) => {
    const here = element.getBoundingClientRect();
    const bars = [...scroll.querySelectorAll(".bar-stay")].map((one) => ({ one, box: one.getBoundingClientRect() }));
    const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    const side = key === "ArrowLeft" || key === "ArrowRight";
    const ahead = bars.filter(({ box }) =>
      side ? box.top === here.top && (box.left - here.left) * sign > 0 : (box.top - here.top) * sign > 0,
    );
    const far = ({ box }) => (side ? Math.abs(box.left - here.left) : Math.abs(box.top - here.top) * 10000 + Math.abs(box.left - here.left));
    ahead.sort((one, other) => far(one) - far(other))[0]?.one.focus();
  };
  const onKey = (event) => {
    const element = event.target.closest?.(".bar-stay");
    if (!element || dialog.open || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (hand?.mode === "keys") {
      if (event.key === "Escape" || event.key === "Tab") {
        leave();
        says.textContent = says.dataset.left;
        return event.key === "Escape";
      }
      if (event.key === "Enter") ask();
      else if (event.key in KEYS) {
        KEYS[event.key](event.shiftKey);
        draw();
        told();
      }
      return true;
    }
    if (event.key.toLowerCase() === "m" && element.hasAttribute("data-move")) {
      leave();
      take(element, "keys");
      told();
      return true;
    }
    if (!(event.key in KEYS)) return false;
    go(element, event.key);
    return true;
  };
  document.addEventListener(
    "keydown",
    (event) => {
      if (!onKey(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  // The answer is given, or the question could not be asked: nothing is in hand any more. A live copy is drawn over.
  dialog.addEventListener("close", leave);
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (hand?.mode === "asked" && detail.pathInfo.requestPath.startsWith(hand.url) && !dialog.open) leave();
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (hand && !bar()) leave();
    else if (hand) draw();
  });
})();
