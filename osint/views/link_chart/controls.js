// What is left of the chart: search, and the filter that is the legend too. Below it: the slider of time.

import { button, fill, lineSign, make, nodeSign } from "./elements.js";
import { basisLook, cut } from "./looks.js";
import { day, found } from "./model.js";

const HITS = 30;
const DAY = 86400;

export function searchBox(model, acts) {
  const hits = make("ul", { class: "oc-list oc-hits" });
  const told = make("span", { class: "oc-muted", role: "status" });
  const field = make("input", { type: "search", class: "oc-search", placeholder: "Search  ( / )", "aria-label": "Search names and keys" });
  field.addEventListener("input", () => {
    const all = found(model, field.value);
    told.textContent = field.value.trim() ? `${all.length.toLocaleString("en")} found` : "";
    fill(hits, ...all.slice(0, HITS).map((node) => make("li", {}, button(cut(node.label || node.key, 120), () => acts.goTo(node.id), { class: "oc-link" }))));
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") hits.querySelector("button")?.click();
    if (event.key === "Escape") { field.value = ""; field.dispatchEvent(new Event("input")); }
  });
  return { element: make("div", { role: "search" }, field, told, hits), field };
}

export function filterBox(model, acts) {
  const rows = [
    ...group("Nodes", "kindsOff", count(model.nodes, "kind"), (kind) => nodeSign(model.kinds[kind]), (kind) => cut(model.kinds[kind].name)),
    ...group("Edges", "relationsOff", count(model.edges, "relation"), (name) => lineSign(model.relations[name].colour, "none", model.relations[name]), cut),
    ...group("Basis of edges", "basesOff", count(model.edges, "basis"), (name) => lineSign("#1b1f23", basisLook(name).dashes), (name) => basisLook(name).words),
  ];
  const least = make("input", { type: "number", min: "1", value: "1", class: "oc-number", "aria-label": "Least number of posts of an edge" });
  least.addEventListener("change", () => acts.change({ min: Math.max(1, Number(least.value) || 1) }));
  const lone = tick("nodes without a shown edge", (on) => acts.change({ lone: on }));
  const bundled = tick("draw parallel edges as one", (on) => acts.change({ bundled: on }));
  const element = make("div", {}, ...rows.map((row) => row.element),
    make("div", { class: "oc-show" }, make("h3", {}, "Show"), make("label", {}, "edges that rest on at least ", least), lone.element, bundled.element));

  function group(title, name, counts, sign, words) {
    if (!counts.size) return [];
    const ticks = [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([value, number]) =>
      ({ value, ...tick(`${words(value)} (${number.toLocaleString("en")})`, (on) => acts.toggle(name, value, on), sign(value)) }));
    const set = make("fieldset", {}, make("legend", {}, title), ...ticks.map((each) => each.element));
    return [{ element: set, show: (state) => ticks.forEach((each) => { each.box.checked = !state[name].includes(each.value); }) }];
  }

  function show(state) {
    rows.forEach((row) => row.show(state));
    least.value = String(state.min);
    lone.box.checked = state.lone;
    bundled.box.checked = state.bundled;
  }
  return { element, show };
}

function tick(words, act, ...signs) {
  const box = make("input", { type: "checkbox", checked: true });
  box.addEventListener("change", () => act(box.checked));
  return { box, element: make("label", { class: "oc-tick" }, box, ...signs, make("span", {}, words)) };
}

function count(all, name) {
  const counts = new Map();
  for (const each of all) counts.set(each[name], (counts.get(each[name]) ?? 0) + 1);
  return counts;
}

export function timeBox(model, acts) {
  if (!model.span) return { element: make("p", { class: "oc-time oc-muted" }, "No edge is dated."), show() {} };
  const first = Math.floor(model.span[0] / DAY), last = Math.floor(model.span[1] / DAY);
  const slider = (name) => make("input", { type: "range", min: String(first), max: String(last), step: "1", "aria-label": name });
  const from = slider("First day"), to = slider("Last day"), told = make("output", { class: "oc-span" });
  const undated = tick("undated edges", (on) => acts.change({ undated: on }));
  const set = () => {
    const start = Math.min(Number(from.value), Number(to.value)), end = Math.max(Number(from.value), Number(to.value));
    const whole = start === first && end === last;
    acts.change(whole ? { from: null, to: null } : { from: start * DAY, to: (end + 1) * DAY - 1 });
  };
  const tell = () => { told.textContent = `${day(Number(from.value) * DAY)} to ${day(Number(to.value) * DAY)}`; };
  for (const each of [from, to]) { each.addEventListener("input", tell); each.addEventListener("change", set); }
  const element = make("div", { class: "oc-time" }, told, make("div", { class: "oc-sliders" }, histogram(model, first, last), from, to), undated.element);
  return { element, show(state) {
    from.value = String(state.from === null ? first : Math.floor(state.from / DAY));
    to.value = String(state.to === null ? last : Math.floor(state.to / DAY));
    undated.box.checked = state.undated;
    tell();
  } };
}

function histogram(model, first, last) {
  const bars = Math.min(last - first + 1, 120), counts = new Array(bars).fill(0);
  const bar = (seconds) => Math.min(bars - 1, Math.floor(((seconds / DAY - first) / (last - first + 1)) * bars));
  for (const edge of model.edges) if (edge.first !== undefined) for (let at = bar(edge.first); at <= bar(edge.last); at += 1) counts[at] += 1;
  const most = Math.max(...counts);
  return make("div", { class: "oc-bars", "aria-hidden": "true" }, ...counts.map((number) => {
    const each = make("i");
    each.style.height = `${Math.round((number / most) * 100)}%`;
    return each;
  }));
}

export function toolBar(acts, standalone) {
  const tools = {
    undo: button("Undo", acts.undo, { title: "Ctrl Z" }), redo: button("Redo", acts.redo, { title: "Ctrl Y" }),
    fit: button("Whole", acts.fit, { title: "0" }), closer: button("+", () => acts.zoom(1.3), { "aria-label": "Closer" }),
    further: button("−", () => acts.zoom(1 / 1.3), { "aria-label": "Further away" }),
    lasso: button("Lasso", acts.lasso, { title: "L", "aria-pressed": "false" }),
    all: button("Show all again", acts.reset), help: button("Keys", acts.help, { title: "?" }),
  };
  if (standalone) tools.print = button("Print", acts.print, { title: "Ctrl P" });
  return { tools, element: make("div", { class: "oc-tools", role: "toolbar", "aria-label": "Chart" }, ...Object.values(tools)) };
}
