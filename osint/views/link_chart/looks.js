// How lines look: what both ways of drawing, and the legend, share.

const NAMED = 40; // edges up to which each relation is written on its line
const WIDEST = 40;

const BASES = {
  observed: { dashes: "none", program: "observed", words: "observed in posts or files" },
  derived: { dashes: "7 4", program: "derived", words: "derived by a named rule", counted: ["thing shared", "things shared"] },
  asserted: { dashes: "1.5 4.5", program: "asserted", words: "asserted by an analyst", counted: ["statement", "statements"] },
};

export function basisLook(name) {
  return Object.hasOwn(BASES, name) ? BASES[name] : { dashes: "14 3", program: "unstated", words: name || "basis not stated" };
}

export function support(edge) {
  const [one, more] = basisLook(edge.basis).counted ?? ["post", "posts"];
  return `${edge.count.toLocaleString("en")} ${edge.count === 1 ? one : more}`;
}

const HEADS = { arrow: "triangle", "double arrow": "triangle-backcurve", lozenge: "diamond", block: "square" };

export function firstHead(line, model) {
  return HEADS[(model.relations[line.relation] ?? model.relations[""]).head];
}

export function cut(words, longest = WIDEST) {
  const letters = [...words];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : words || "(no name)";
}

export function lineLabel(line, model) {
  if (line.edges.length > 1) return `${line.edges.length} edges`;
  if (model.edges.length <= NAMED || line.basis !== "observed") return line.count > 1 ? `${cut(line.relation)} (${line.count})` : cut(line.relation);
  return line.count > 1 ? String(line.count) : "";
}

export function lineName(line, model) {
  const named = (id) => model.nodes[id].label || model.nodes[id].key;
  const relation = line.relation === null ? `${line.edges.length} relations` : cut(line.relation);
  return `${cut(named(line.source), 80)} ${line.returns ? "↔" : "→"} ${cut(named(line.target), 80)}: ${relation}`;
}
