// The chart without a mouse: arrows walk from node to node, letters do what the buttons do.

import { make } from "./elements.js";

const KEYS = [
  ["Arrow keys", "to the next node in that direction"], ["Shift + arrow keys", "move the view"], ["n, Shift + n", "next, previous edge of the node"],
  ["Enter", "read what is chosen"], ["Escape", "choose nothing; back to the chart"], ["/", "search"], ["+, -, 0", "closer, further away, the whole"],
  ["p", "pin or unpin"], ["h", "hide"], ["o", "only its neighbourhood"], ["b", "parallel edges as one, or each"], ["l", "lasso"],
  ["Ctrl + z, Ctrl + y", "undo, redo"], ["Shift + click, Shift + drag", "choose several"], ["?", "these keys"],
];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 60;

export function helpBox() {
  const rows = KEYS.map(([key, words]) => make("tr", {}, make("th", { scope: "row" }, key), make("td", {}, words)));
  const box = make("dialog", { class: "oc-help", "aria-label": "Keys" }, make("h2", {}, "Keys"), make("table", {}, make("tbody", {}, ...rows)));
  const close = make("button", { type: "button", class: "oc-button" }, "Close");
  close.addEventListener("click", () => box.close());
  box.append(close);
  return box;
}

export function listenToKeys(root, stage, acts) {
  root.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox]):not([type=range])");
    if ((event.ctrlKey || event.metaKey) && !typing && act(event, { z: event.shiftKey ? acts.redo : acts.undo, y: acts.redo })) return;
    if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
    if (event.key === "Escape") { acts.nothing(); stage.focus(); }
    if (act(event, { "/": acts.search, "?": acts.help })) return;
    if (event.target === stage) onStage(event, acts);
  });
}

function onStage(event, acts) {
  const arrow = ARROWS[event.key];
  if (arrow) {
    event.preventDefault();
    if (event.shiftKey) acts.pan(-arrow[0] * STEP, -arrow[1] * STEP);
    else acts.walk(...arrow);
    return;
  }
  act(event, {
    Enter: acts.read, "+": () => acts.zoom(1.3), "-": () => acts.zoom(1 / 1.3), 0: acts.fit, p: acts.pinChosen, h: acts.hideChosen,
    o: acts.onlyChosen, b: acts.bundle, l: acts.lasso, n: () => acts.nextEdge(event.shiftKey ? -1 : 1),
  });
}

function act(event, table) {
  const chosen = table[event.key] ?? table[event.key.toLowerCase()];
  if (!chosen) return false;
  event.preventDefault();
  event.stopPropagation();
  chosen();
  return true;
}

export function nextNode(at, ids, from, [dx, dy]) {
  const start = at(from);
  let best = null, least = Infinity;
  for (const id of ids) {
    const there = id === from ? null : at(id);
    if (!there) continue;
    const along = (there.x - start.x) * dx + (there.y - start.y) * dy, aside = Math.abs((there.x - start.x) * dy) + Math.abs((there.y - start.y) * dx);
    const cost = along + 2.5 * aside;
    if (along > 1 && cost < least) { best = id; least = cost; }
  }
  return best;
}
