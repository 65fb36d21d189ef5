// The chart as a whole: its parts on the page, and what happens when somebody does something.

import { emptyPanel, linePanel, nodePanel, selectionPanel } from "./panel.js";
import { filterBox, searchBox, timeBox, toolBar } from "./controls.js";
import { fill, make } from "./elements.js";
import { helpBox, listenToKeys, nextNode } from "./keys.js";
import { History } from "./history.js";
import { Lasso } from "./lasso.js";
import { lineName } from "./looks.js";
import { openDetail } from "./detail.js";
import { openOverview } from "./overview.js";
import { counted, DETAIL_LIMIT, filterInWords, firstState, readModel, shownPart } from "./model.js";

export function mount(root, data, libraries, { standalone = false, chosen = () => {} } = {}) {
  const chart = new Chart(root, readModel(data), libraries, { standalone, chosen });
  chart.refresh();
  chart.choose([]);
  return chart;
}

class Chart {
  constructor(root, model, libraries, { standalone, chosen }) {
    Object.assign(this, { root, model, libraries, told: chosen, history: new History(firstState(model)), engine: null, nodes: [], line: null });
    const acts = this.acts();
    this.stage = make("div", { class: "oc-stage", tabIndex: 0, role: "application", "aria-label": "Link chart. Arrow keys walk from node to node, Enter reads, ? lists all keys." });
    this.canvas = make("div", { class: "oc-canvas" });
    this.stage.append(this.canvas);
    this.panel = make("section", { class: "oc-panel", "aria-label": "Evidence" });
    this.counts = make("p", { class: "oc-counts", role: "status" });
    this.search = searchBox(model, acts);
    this.filter = filterBox(model, acts);
    this.time = timeBox(model, acts);
    this.bar = toolBar(acts, standalone);
    this.help = helpBox();
    this.print = make("img", { class: "oc-print", alt: "The chart as it was shown" });
    this.lasso = new Lasso(this.stage, (inside) => this.gathered(inside));
    this.lay(standalone);
    // cytoscape.js takes the focus away, and keys would lead nowhere after a click.
    for (const each of ["pointerdown", "pointerup"]) this.stage.addEventListener(each, () => setTimeout(() => this.stage.focus({ preventScroll: true })));
    listenToKeys(root, this.stage, acts);
    this.watcher = new ResizeObserver(() => this.engine?.resize());
    this.watcher.observe(this.stage);
    this.printing = () => { this.print.src = this.engine.picture(); };
    if (standalone) window.addEventListener("beforeprint", this.printing);
  }

  lay(standalone) {
    const { model, root } = this;
    root.classList.add("oc");
    root.classList.toggle("oc-standalone", standalone);
    root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys keep out
    const side = make("aside", { class: "oc-side", "aria-label": "Search and filter" }, this.search.element, this.filter.element);
    const head = make("header", { class: "oc-head" }, make("h1", {}, model.title), this.counts);
    fill(root, head, this.bar.element, side, this.stage, this.panel, this.time.element, this.print, make("footer", { class: "oc-note" }, model.note), this.help);
  }

  get state() { return this.history.now; }

  refresh() {
    this.shown = shownPart(this.model, this.state);
    const wanted = this.shown.nodes.size + this.shown.lines.length > DETAIL_LIMIT ? "overview" : "detail";
    if (this.engine?.name !== wanted) this.open(wanted);
    this.engine.draw(this.shown, this.state);
    this.filter.show(this.state);
    this.time.show(this.state);
    this.bar.tools.undo.disabled = !this.history.past.length;
    this.bar.tools.redo.disabled = !this.history.future.length;
    const loops = this.shown.lines.length - this.engine.drawnLines();
    const undrawn = loops ? `, ${loops.toLocaleString("en")} loops among them not drawn from this far` : "";
    this.counts.textContent = `${counted(this.model, this.shown)}${undrawn}. ${filterInWords(this.state)} ${this.model.hidden}`;
    this.nodes = this.nodes.filter((id) => this.shown.nodes.has(id));
    if (this.line) this.line = this.shown.lines.find((line) => line.edges.some(({ id }) => id === this.line.edges[0].id)) ?? null;
    this.engine.mark(this.nodes, this.line);
  }

  open(name) {
    this.engine?.close();
    fill(this.canvas);
    const hands = {
      pick: (what, which, more) => this.pick(what, which, more), gather: (ids) => this.choose(ids),
      moved: (moves) => this.change({ moved: { ...this.state.moved, ...Object.fromEntries(moves.map(([id, x, y]) => [id, [x, y]])) } }),
    };
    this.engine = name === "detail"
      ? openDetail(this.canvas, this.model, this.libraries.cytoscape(), hands) : openOverview(this.canvas, this.model, this.libraries.sigma(), hands);
    this.stage.dataset.engine = name;
  }

  change(changes) { this.history.change(changes); this.refresh(); }

  pick(what, which, more) {
    if (what === "line") return this.chooseLine(which);
    if (what !== "node") return this.choose([]);
    const others = this.nodes.filter((id) => id !== which);
    return this.choose(more ? (others.length < this.nodes.length ? others : [...others, which]) : [which]);
  }

  choose(ids) {
    this.nodes = ids;
    this.line = null;
    this.engine.mark(ids, null);
    if (!ids.length) emptyPanel(this.panel, this.model);
    else if (ids.length === 1) nodePanel(this.panel, this.model, this.model.nodes[ids[0]], this.acts());
    else selectionPanel(this.panel, this.model, ids, this.acts());
    this.told(ids.map((id) => this.model.nodes[id].key));
    this.say(ids.length === 1 ? this.model.nodes[ids[0]].label || this.model.nodes[ids[0]].key : "");
  }

  chooseLine(line) {
    this.nodes = [];
    this.line = line;
    this.engine.mark([], line);
    linePanel(this.panel, this.model, line, this.acts());
    this.told([line.source, line.target].map((id) => this.model.nodes[id].key));
    this.say(lineName(line, this.model));
  }

  say(words) { this.stage.setAttribute("aria-description", words); }

  gathered(inside) {
    this.bar.tools.lasso.setAttribute("aria-pressed", "false");
    this.engine.still(false);
    if (!inside) return;
    this.choose([...this.shown.nodes].filter((id) => { const place = this.engine.at(id); return place && inside(place.x, place.y); }));
  }

  walk(dx, dy) {
    const ids = [...this.shown.nodes];
    if (!ids.length) return;
    const from = this.nodes.at(-1) ?? this.line?.source;
    const busiest = () => ids.reduce((one, other) => (this.model.nodes[other].ties.length > this.model.nodes[one].ties.length ? other : one));
    const next = from === undefined ? busiest() : nextNode((id) => this.engine.at(id), ids, from, [dx, dy]);
    if (next === null) return;
    this.choose([next]);
    const { x, y } = this.engine.at(next), { clientWidth: width, clientHeight: height } = this.stage;
    if (x < 20 || y < 20 || x > width - 20 || y > height - 20) this.engine.centre([next]);
  }

  nextEdge(step) {
    const from = this.line ? this.walkedFrom ?? this.line.source : this.nodes[0];
    if (from === undefined) return;
    const lines = this.shown.lines.filter((line) => line.source === from || line.target === from);
    if (!lines.length) return;
    const at = this.line ? lines.findIndex((line) => line.id === this.line.id) : step > 0 ? -1 : 0;
    this.chooseLine(lines[(at + step + lines.length) % lines.length]);
    this.walkedFrom = from;
  }

  only(ids, neighbours = true) {
    const kept = new Set(ids);
    if (neighbours) for (const id of ids) for (const tie of this.model.nodes[id].ties) kept.add(this.model.edges[tie].source).add(this.model.edges[tie].target);
    this.change({ only: [...kept].sort((one, other) => one - other) });
    this.engine.fit();
    this.choose(ids.length === 1 ? ids : []);
  }

  pin(ids) {
    const pinned = new Set(this.state.pinned), off = ids.every((id) => pinned.has(id));
    ids.forEach((id) => (off ? pinned.delete(id) : pinned.add(id)));
    this.change({ pinned: [...pinned] });
    this.choose(this.nodes);
  }

  unfilter() { this.change({ ...firstState(this.model), moved: this.state.moved, pinned: this.state.pinned }); }

  hide(ids) { this.change({ hidden: [...new Set([...this.state.hidden, ...ids])] }); this.choose([]); }

  step(done) { if (done) { this.refresh(); this.choose(this.nodes); } }

  openEdge(edge) {
    const id = String(edge.id), alone = { id, edges: [edge], source: edge.source, target: edge.target, basis: edge.basis, relation: edge.relation, count: edge.count, returns: false };
    const drawn = this.shown.lines.find((line) => line.edges.some((each) => each.id === edge.id));
    this.chooseLine(alone);
    if (drawn) this.engine.mark([], drawn);
    this.panel.querySelector("h2").focus();
  }

  close() {
    this.watcher.disconnect();
    window.removeEventListener("beforeprint", this.printing);
    this.engine.close();
  }

  async printed() {
    this.print.src = this.engine.picture();
    await this.print.decode();
    window.print();
  }

  acts() {
    const chosen = (act) => () => { if (this.nodes.length) act(this.nodes); };
    return {
      change: (changes) => this.change(changes), undo: () => this.step(this.history.undo()), redo: () => this.step(this.history.redo()),
      toggle: (name, value, on) => this.change({ [name]: on ? this.state[name].filter((each) => each !== value) : [...this.state[name], value] }),
      reset: () => { this.unfilter(); this.engine.fit(); },
      fit: () => this.engine.fit(), zoom: (factor) => this.engine.zoom(factor), pan: (x, y) => this.engine.pan(x, y),
      walk: (dx, dy) => this.walk(dx, dy), nextEdge: (step) => this.nextEdge(step), nothing: () => { this.lasso.set(false); this.engine.still(false); this.choose([]); },
      read: () => this.panel.querySelector("h2")?.focus(), search: () => this.search.field.focus(), help: () => this.help.showModal(),
      bundle: () => this.change({ bundled: !this.state.bundled }), print: () => this.printed(),
      lasso: () => { this.lasso.set(true); this.engine.still(true); this.bar.tools.lasso.setAttribute("aria-pressed", "true"); },
      pinned: (id) => this.state.pinned.includes(id), pin: (ids) => this.pin(ids), hide: (ids) => this.hide(ids), only: (ids, neighbours) => this.only(ids, neighbours),
      pinChosen: chosen((ids) => this.pin(ids)), hideChosen: chosen((ids) => this.hide(ids)), onlyChosen: chosen((ids) => this.only(ids)),
      openNode: (id) => { this.choose([id]); this.panel.querySelector("h2").focus(); }, openEdge: (edge) => this.openEdge(edge),
      goTo: (id) => { if (!this.shown.nodes.has(id)) this.unfilter(); this.choose([id]); this.engine.centre([id]); this.stage.focus(); },
    };
  }
}
