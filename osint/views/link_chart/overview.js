// A chart of many thousand elements, drawn by sigma.js on the graphics card. Labels come as one looks closer.

import { basisLook } from "./looks.js";
import { lineProgram, nodeProgram, outlineOf } from "./programs.js";

const FADED = "rgba(208, 215, 222, 0.35)";

export function openOverview(place, model, { graphology, Sigma }, hands) {
  const graph = new graphology.MultiDirectedGraph();
  const chart = new Overview(graph, model, hands);
  const sigma = new Sigma(graph, place, {
    defaultNodeType: "kind", nodeProgramClasses: { kind: nodeProgram(Sigma) },
    edgeProgramClasses: {
      observed: Sigma.rendering.EdgeRectangleProgram, derived: lineProgram(Sigma, 8, 13), asserted: lineProgram(Sigma, 2, 6), unstated: lineProgram(Sigma, 14, 17),
    },
    enableEdgeEvents: true, labelSize: 12, labelColor: { color: "#1b1f23" }, labelRenderedSizeThreshold: 5, labelDensity: 0.6,
    labelFont: "system-ui, sans-serif", zIndex: true, minEdgeThickness: 0.7, allowInvalidContainer: true, doubleClickZoomingRatio: 1,
    nodeReducer: (key, data) => chart.nodeLook(key, data), edgeReducer: (key, data) => chart.lineLook(key, data),
  });
  chart.sigma = sigma;
  sigma.on("clickStage", () => hands.pick(null, null));
  sigma.on("clickNode", ({ node, event }) => hands.pick("node", Number(node), event.original.shiftKey));
  sigma.on("clickEdge", ({ edge }) => hands.pick("line", graph.getEdgeAttribute(edge, "line")));
  chart.letDrag();
  return chart;
}

class Overview {
  constructor(graph, model, hands) {
    Object.assign(this, { graph, model, hands, name: "overview", near: null, line: null, state: null });
  }

  draw(shown, state) {
    this.state = state;
    this.graph.clear();
    const size = Math.max(1.1, Math.min(5, 220 / Math.sqrt(shown.nodes.size)));
    for (const id of shown.nodes) {
      const node = this.model.nodes[id], [x, y] = state.moved[id] ?? [node.x, node.y];
      this.graph.addNode(id, { x, y: -y, size, label: node.lines[0] ?? "", color: this.model.kinds[node.kind].colour, outline: outlineOf(node.kind) });
    }
    for (const line of shown.lines) {
      if (line.source === line.target) continue; // a loop is no line here; its node tells of it
      const { colour } = this.model.relations[line.relation] ?? this.model.relations[""];
      this.graph.addEdgeWithKey(line.id, line.source, line.target, {
        line, color: `${colour}99`, size: Math.min(0.6 + 0.4 * Math.log2(Math.max(line.count, 1)), 3), type: basisLook(line.basis).program,
      });
    }
    this.sigma?.refresh();
  }

  nodeLook(key, data) {
    if (!this.near) return data;
    return this.near.has(Number(key)) ? { ...data, zIndex: 1, forceLabel: this.near.size < 60, size: data.size * 1.4 } : { ...data, color: FADED, label: "", zIndex: 0 };
  }

  lineLook(key, data) {
    if (!this.near) return data;
    const kept = this.line ? key === this.line.id : data.line.edges.some((edge) => this.marked.has(edge.source) || this.marked.has(edge.target));
    return kept ? { ...data, color: data.color.slice(0, 7), size: data.size + 1, zIndex: 1 } : { ...data, color: FADED, zIndex: 0 };
  }

  mark(nodes, line) {
    this.marked = new Set(line ? [line.source, line.target] : nodes.filter((id) => this.graph.hasNode(id)));
    this.line = line && this.graph.hasEdge(line.id) ? line : null;
    this.near = this.marked.size ? new Set(this.marked) : null;
    if (this.near && !line) for (const id of this.marked) this.graph.forEachNeighbor(String(id), (key) => this.near.add(Number(key)));
    this.sigma.refresh({ skipIndexation: true });
  }

  letDrag() {
    const { sigma, graph } = this;
    let held = null, went = false;
    sigma.on("downNode", ({ node }) => {
      if (!this.state.pinned.includes(Number(node))) { held = node; went = false; sigma.getCamera().disable(); }
    });
    sigma.on("moveBody", ({ event }) => {
      if (held === null) return;
      graph.mergeNodeAttributes(held, sigma.viewportToGraph(event));
      went = true;
      event.preventSigmaDefault();
      event.original.preventDefault();
    });
    const drop = () => {
      if (held === null) return;
      sigma.getCamera().enable();
      const { x, y } = graph.getNodeAttributes(held);
      if (went) this.hands.moved([[Number(held), x, -y]]);
      held = null;
    };
    sigma.on("upNode", drop);
    sigma.on("upStage", drop);
  }

  at(id) {
    return this.graph.hasNode(id) ? this.sigma.graphToViewport(this.graph.getNodeAttributes(id)) : null;
  }

  centre(ids) {
    const seen = ids.map((id) => this.sigma.getNodeDisplayData(id)).filter(Boolean);
    if (!seen.length) return;
    const middle = (name) => seen.reduce((sum, each) => sum + each[name], 0) / seen.length;
    const camera = this.sigma.getCamera();
    camera.setState({ x: middle("x"), y: middle("y"), ratio: Math.min(camera.getState().ratio, 0.25) });
  }

  fit() { this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }); }
  zoom(factor) { const camera = this.sigma.getCamera(); camera.setState({ ratio: camera.getState().ratio / factor }); }
  pan(x, y) {
    const camera = this.sigma.getCamera(), { ratio, x: left, y: top } = camera.getState(), { width } = this.sigma.getDimensions();
    camera.setState({ x: left - (x / width) * ratio, y: top + (y / width) * ratio });
  }
  resize() { this.sigma.resize(); this.sigma.refresh(); }
  still(yes) { if (yes) this.sigma.getCamera().disable(); else this.sigma.getCamera().enable(); }
  drawnNodes() { return this.graph.order; }
  drawnLines() { return this.graph.size; }

  picture() {
    this.sigma.refresh({ schedule: false }); // what the card drew is there until the next frame
    const { width, height } = this.sigma.getCanvases().nodes, whole = document.createElement("canvas");
    Object.assign(whole, { width, height });
    const pen = whole.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, width, height);
    for (const name of ["edges", "nodes", "labels"]) pen.drawImage(this.sigma.getCanvases()[name], 0, 0);
    return whole.toDataURL("image/png");
  }

  close() { this.sigma.kill(); }
}
