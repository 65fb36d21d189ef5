// Reads a chart with the graphology family or cytoscape.js and prints its nodes and edges: node read_chart.mjs MODULES FORMAT FILE
import { createRequire } from "node:module";
import { readFileSync, writeSync } from "node:fs";

const [, , modules, format, file] = process.argv;
const require = createRequire(`${modules}/`);
const text = readFileSync(file, "utf8");

function graphology() {
  const Graph = require("graphology");
  const graph = require(`graphology-${format}`).parse(Graph, text, { addMissingNodes: false });
  return {
    nodes: graph.mapNodes((id, attributes) => ({ id, ...attributes })),
    edges: graph.mapEdges((id, attributes, source, target) => ({ id, ...attributes, source, target })),
  };
}

function cytoscape() {
  const chart = require("cytoscape")({ headless: true, styleEnabled: true, ...JSON.parse(text) });
  return {
    nodes: chart.nodes().map((node) => ({ ...node.data(), ...node.position() })),
    edges: chart.edges().map((edge) => ({ ...edge.data(), line: edge.style("line-style") })),
  };
}

writeSync(1, JSON.stringify(format === "cyjs" ? cytoscape() : graphology()));
process.exit(0); // cytoscape.js keeps a clock running
