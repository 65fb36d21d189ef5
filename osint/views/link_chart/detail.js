// A chart of up to a few thousand elements, drawn by cytoscape.js on a canvas.

import { firstHead, lineLabel } from "./looks.js";
import { least } from "./model.js";

const RADIUS = 15;
const LEAST = 7; // pixels of a letter, below which labels give way to those of the busiest nodes
const SIZE = 12;
const MOST_NAMED = 40;
const MANY = 1500; // edges of a chart above which lines are straight, but for those that would lie on each other

export function openDetail(place, model, library, hands) {
  const cy = library({
    container: place, style: looks(model), layout: { name: "preset" }, minZoom: 0.02, maxZoom: 6,
    boxSelectionEnabled: true, selectionType: "single", hideEdgesOnViewport: false, textureOnViewport: false,
  });
  cy.on("tap", (event) => {
    if (event.target === cy) hands.pick(null, null);
    else if (event.target.isEdge()) hands.pick("line", event.target.data("line"));
    else if (event.target.data("node") !== undefined) hands.pick("node", event.target.data("node"), event.originalEvent?.shiftKey);
  });
  cy.on("boxend", () => setTimeout(() => hands.gather(cy.nodes(":selected").map((each) => each.data("node")).filter((id) => id !== undefined))));
  cy.on("dragfree", "node", (event) => {
    if (event.target.locked()) return;
    const moved = event.target.selected() ? cy.nodes(":selected").union(event.target) : event.target;
    hands.moved(moved.union(moved.descendants()).filter((each) => each.data("node") !== undefined)
      .map((each) => [each.data("node"), each.position("x"), each.position("y")]));
  });
  return new Detail(cy, model);
}

class Detail {
  constructor(cy, model) {
    Object.assign(this, { cy, model, name: "detail", fitted: false, beside: new Map() });
    for (const edge of model.edges) this.beside.set(between(edge), (this.beside.get(between(edge)) ?? 0) + 1);
    let waiting = null;
    cy.on("viewport", () => { clearTimeout(waiting); waiting = setTimeout(() => { if (!cy.destroyed()) this.nameBusiest(); }, 120); });
  }

  draw(shown, state) {
    this.cy.batch(() => {
      this.replace("node", this.wantedNodes(shown));
      this.replace("edge", new Map(shown.lines.map((line) => [`e${line.id}`, this.edge(line)])));
      for (const id of shown.nodes) this.place(id, state);
    });
    if (!this.fitted) this.fit();
    this.fitted = true;
    this.nameBusiest();
  }

  // From far away every label would be a smear. The busiest nodes in sight are named then, as towns are on a map.
  nameBusiest() {
    const zoom = this.cy.zoom(), taken = [], named = new Map();
    if (zoom * SIZE < LEAST) {
      const { x1, y1, x2, y2 } = this.cy.extent();
      const seen = this.cy.nodes("[look]").filter((node) => { const { x, y } = node.position(); return x > x1 && x < x2 && y > y1 && y < y2; });
      for (const node of seen.sort((one, other) => this.ties(other) - this.ties(one))) {
        const { x, y } = node.renderedPosition(), size = 11, half = node.data("short").length * size * 0.3 + 6;
        const box = [x - half, y - 10, x + half, y + 12 + size * 1.2];
        if (taken.length < MOST_NAMED && taken.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3])) {
          taken.push(box);
          named.set(node.id(), size / zoom);
        }
      }
    }
    this.cy.batch(() => {
      this.cy.nodes(".named").filter((node) => !named.has(node.id())).removeClass("named");
      for (const [id, size] of named) this.cy.getElementById(id).data("size", size).addClass("named");
    });
  }

  ties(node) { return this.model.nodes[node.data("node")].ties.length; }

  wantedNodes(shown) {
    const wanted = new Map();
    for (const id of shown.nodes) {
      const { person } = this.model.nodes[id];
      if (person !== undefined) wanted.set(`p${person}`, { group: "nodes", data: { id: `p${person}`, label: this.model.people[person].label }, classes: "person", selectable: false });
    }
    for (const id of shown.nodes) wanted.set(`n${id}`, this.node(this.model.nodes[id]));
    return wanted;
  }

  node(node) {
    const data = { id: `n${node.id}`, node: node.id, label: node.lines.join("\n"), short: node.lines[0] ?? "", look: this.model.looks.get(node.kind) };
    if (node.person !== undefined) data.parent = `p${node.person}`;
    return { group: "nodes", data, position: { x: node.x, y: node.y } };
  }

  edge(line) {
    const style = this.model.relations[line.relation] ?? this.model.relations[""];
    const data = {
      id: `e${line.id}`, source: `n${line.source}`, target: `n${line.target}`, line, basis: line.basis,
      colour: style.colour, width: Math.min(1.3 + 0.8 * Math.log2(Math.max(line.count, 1)), 5.5),
      label: lineLabel(line, this.model), head: firstHead(line, this.model), tail: line.returns ? firstHead(line, this.model) : "none",
      fill: style.filled ? "filled" : "hollow",
    };
    return { group: "edges", data, classes: this.model.edges.length > MANY ? (this.beside.get(between(line)) > 1 ? "bare" : "bare plain") : "" };
  }

  replace(what, wanted) {
    const there = new Set();
    this.cy.elements(what).forEach((each) => {
      if (wanted.has(each.id())) there.add(each.id());
      else each.remove();
    });
    this.cy.add([...wanted].filter(([id]) => !there.has(id)).map(([, element]) => element));
  }

  place(id, state) {
    const node = this.cy.getElementById(`n${id}`), [x, y] = state.moved[id] ?? [this.model.nodes[id].x, this.model.nodes[id].y];
    const { x: left, y: top } = node.position(), pinned = state.pinned.includes(id);
    if (left !== x || top !== y) node.unlock().position({ x, y });
    if (pinned !== node.hasClass("pinned")) node.toggleClass("pinned", pinned);
    if (pinned !== node.locked()) node[pinned ? "lock" : "unlock"]();
  }

  mark(nodes, line) {
    this.cy.batch(() => {
      this.cy.$(":selected").unselect();
      this.cy.$(".faded, .near").removeClass("faded near");
      let chosen = this.cy.collection(nodes.map((id) => this.cy.getElementById(`n${id}`)).filter((each) => each.length));
      if (line) chosen = this.cy.getElementById(`e${line.id}`);
      if (chosen.empty()) return;
      const near = chosen.union(line ? chosen.connectedNodes() : chosen.closedNeighborhood());
      chosen.select();
      near.addClass("near");
      this.cy.elements().not(near).not("node.person").addClass("faded");
    });
  }

  at(id) {
    const node = this.cy.getElementById(`n${id}`);
    return node.length ? node.renderedPosition() : null;
  }

  centre(ids) {
    const chosen = this.cy.collection(ids.map((id) => this.cy.getElementById(`n${id}`)).filter((each) => each.length));
    if (chosen.empty()) return;
    if (this.cy.zoom() < 0.8) this.cy.zoom(0.8);
    this.cy.center(chosen);
  }

  // By the places of nodes: cytoscape.js would measure every label first.
  fit() {
    const all = this.cy.nodes("[look]").map((node) => node.position());
    if (!all.length) return;
    const low = (name) => least(all.map((each) => each[name])), high = (name) => -least(all.map((each) => -each[name]));
    const [left, right, top, bottom] = [low("x") - 90, high("x") + 90, low("y") - 70, high("y") + 80];
    const width = this.cy.width(), height = this.cy.height(), zoom = Math.max(0.02, Math.min(1.4, width / (right - left), height / (bottom - top)));
    this.cy.viewport({ zoom, pan: { x: (width - zoom * (left + right)) / 2, y: (height - zoom * (top + bottom)) / 2 } });
  }

  zoom(factor) { this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } }); }
  pan(x, y) { this.cy.panBy({ x, y }); }
  resize() { this.cy.resize(); }
  still(yes) { this.cy.userPanningEnabled(!yes); this.cy.boxSelectionEnabled(!yes); }
  drawnNodes() { return this.cy.nodes().filter((each) => each.data("node") !== undefined).length; }
  drawnLines() { return this.cy.edges().length; }
  picture() { return this.cy.png({ full: true, scale: Math.max(0.2, Math.min(2, 6000 / Math.max(this.cy.elements().boundingBox().w, 1))), bg: "#ffffff" }); }
  close() { this.cy.destroy(); }
}

function between({ source, target }) { return source < target ? `${source} ${target}` : `${target} ${source}`; }

function looks(model) {
  return [
    { selector: "node", style: {
      width: 2 * RADIUS, height: 2 * RADIUS, label: "data(label)", "font-size": 12, "text-valign": "bottom", "text-margin-y": 4,
      "text-wrap": "wrap", color: "#1b1f23", "text-background-color": "#ffffff", "text-background-opacity": 0.82, "text-background-padding": 1.5,
      "text-background-shape": "round-rectangle", "min-zoomed-font-size": LEAST,
      "border-width": 1.5, "border-color": "#ffffff", "overlay-opacity": 0,
    } },
    ...[...model.looks].map(([kind, look]) => ({ selector: `node[look = ${look}]`, style: nodeLook(model.kinds[kind]) })),
    { selector: "node.person", style: {
      shape: "round-rectangle", "background-color": "#f6f8fa", "background-opacity": 1, "border-color": "#57606a", "border-width": 1.2,
      "border-style": "solid", padding: 22, color: "#57606a", "font-size": 11, "text-valign": "top", "text-margin-y": -4,
    } },
    { selector: "edge", style: {
      width: "data(width)", "line-color": "data(colour)", "target-arrow-color": "data(colour)", "source-arrow-color": "data(colour)",
      "target-arrow-shape": "data(head)", "source-arrow-shape": "data(tail)", "target-arrow-fill": "data(fill)", "source-arrow-fill": "data(fill)",
      "arrow-scale": 0.9, "curve-style": "bezier", "control-point-step-size": 46, "loop-direction": "0deg", label: "data(label)", "font-size": 10.5, color: "data(colour)", "text-outline-color": "#ffffff",
      "text-outline-width": 2.5, "min-zoomed-font-size": 8, "overlay-opacity": 0, "overlay-padding": 6,
    } },
    { selector: "edge.bare", style: { label: "" } },
    { selector: "edge.plain", style: { "curve-style": "straight" } },
    { selector: "edge[basis != 'observed']", style: { "line-style": "dashed", "line-dash-pattern": [14, 3] } },
    { selector: "edge[basis = 'derived']", style: { "line-style": "dashed", "line-dash-pattern": [8, 5] } },
    { selector: "edge[basis = 'asserted']", style: { "line-style": "dashed", "line-dash-pattern": [1.5, 5], "line-cap": "round" } },
    { selector: "node.named", style: { label: "data(short)", "font-size": "data(size)", "min-zoomed-font-size": 0, "z-index": 9 } },
    { selector: ".pinned", style: { "border-color": "#1b1f23", "border-width": 3, "border-style": "double" } },
    { selector: ".faded", style: { opacity: 0.3 } },
    { selector: "node:selected", style: { "border-color": "#0b57d0", "border-width": 4 } },
    { selector: "edge:selected", style: { "underlay-color": "#0b57d0", "underlay-opacity": 0.25, "underlay-padding": 5 } },
  ];
}

function nodeLook(style) {
  const common = { "background-color": style.colour, "background-image": signImage(style.sign), "background-fit": "none", "background-width": "30px", "background-height": "30px" };
  if (!style.outline.length) return { ...common, shape: "ellipse" };
  const wide = Math.max(...style.outline.map(([x]) => Math.abs(x))), high = Math.max(...style.outline.map(([, y]) => Math.abs(y)));
  const points = style.outline.map(([x, y]) => `${x / wide} ${y / high}`).join(" ");
  return { ...common, shape: "polygon", "shape-polygon-points": points, width: 2 * RADIUS * wide, height: 2 * RADIUS * high };
}

function signImage(sign) {
  const text = `<text x="15" y="20" font-family="sans-serif" font-size="14" font-weight="bold" text-anchor="middle" fill="#fff">${sign}</text>`;
  return `data:image/svg+xml;utf8,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30">${text}</svg>`)}`;
}
