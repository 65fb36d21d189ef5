// What is known of one node, one edge or a selection: its evidence first, each exhibit with hash and ledger entry.

import { button, fill, make, nodeSign } from "./elements.js";
import { basisLook, cut, lineName, support } from "./looks.js";
import { period } from "./model.js";

const MOST = 200;

export function emptyPanel(place, model) {
  fill(place, make("h2", {}, "Evidence"), make("p", { class: "oc-muted" }, "Choose a node or an edge: a click, or the arrow keys on the chart and Enter. Its exhibits appear here."), ...about(model));
}

function about(model) {
  return model.about.length ? [make("h3", {}, "This chart"), facts(model.about)] : [];
}

function facts(pairs) {
  return make("dl", {}, ...pairs.flatMap(([name, text]) => [make("dt", {}, name), make("dd", name.endsWith("SHA-256") ? { class: "oc-hash" } : {}, text)]));
}

export function nodePanel(place, model, node, acts) {
  const kind = model.kinds[node.kind], said = [["key", node.key], ["seen", period(node)], ...node.facts];
  const ties = node.ties.map((id) => model.edges[id]);
  fill(
    place,
    make("h2", { tabIndex: -1 }, nodeSign(kind), ` ${cut(node.label || node.key, 120)}`),
    make("p", { class: "oc-muted" }, kind.name + (node.person === undefined ? "" : `, ${model.people[node.person].label}`)),
    make("div", { class: "oc-row" },
      button(acts.pinned(node.id) ? "Unpin" : "Pin", () => acts.pin([node.id])), button("Hide", () => acts.hide([node.id])),
      button("Only its neighbourhood", () => acts.only([node.id]))),
    facts(said), ...exhibitList(model, node.exhibits, {}),
    make("h3", {}, `Edges (${ties.length})`),
    list(ties, (edge) => button(edgeWords(model, edge, node.id), () => acts.openEdge(edge), { class: "oc-link" })),
  );
}

function edgeWords(model, edge, from) {
  const other = model.nodes[edge.source === from ? edge.target : edge.source];
  return `${edge.source === from ? "→" : "←"} ${cut(other.label || other.key, 80)}: ${cut(edge.relation)}, ${support(edge)}, ${edge.basis || "basis not stated"}`;
}

export function linePanel(place, model, line, acts) {
  if (line.edges.length === 1) return edgePanel(place, model, line, acts);
  return fill(
    place, make("h2", { tabIndex: -1 }, lineName(line, model)),
    make("p", { class: "oc-muted" }, `${line.edges.length} edges drawn as one, ${basisLook(line.basis).words}`),
    ends(model, line, acts),
    list(line.edges, (edge) => button(edgeWords(model, edge, edge.source), () => acts.openEdge(edge), { class: "oc-link" })),
  );
}

function edgePanel(place, model, line, acts) {
  const [edge] = line.edges;
  const said = [["rests on", support(edge)], ["period", period(edge)], ...edge.facts];
  if (edge.posts.length) said.push(["posts", edge.posts.join(", ") + (edge.more_posts ? ` and ${edge.more_posts} more` : "")]);
  fill(
    place, make("h2", { tabIndex: -1 }, lineName(line, model)),
    make("p", { class: "oc-muted" }, basisLook(edge.basis).words), ends(model, line, acts),
    ...exhibitList(model, edge.exhibits, edge.evidence ?? {}), facts(said),
  );
}

function ends(model, line, acts) {
  return make("div", { class: "oc-row" }, ...[...new Set([line.source, line.target])].map((id) =>
    button(model.nodes[id].lines[0] || model.nodes[id].key, () => acts.openNode(id), { class: "oc-link" })));
}

export function selectionPanel(place, model, ids, acts) {
  fill(
    place, make("h2", { tabIndex: -1 }, `${ids.length} nodes selected`),
    make("div", { class: "oc-row" }, button("Pin or unpin", () => acts.pin(ids)), button("Hide", () => acts.hide(ids)),
      button("Only these", () => acts.only(ids, false)), button("And their neighbours", () => acts.only(ids))),
    list(ids.map((id) => model.nodes[id]), (node) => button(cut(node.label || node.key, 120), () => acts.openNode(node.id), { class: "oc-link" })),
  );
}

function list(all, item) {
  const more = all.length > MOST ? [make("li", { class: "oc-muted" }, `and ${all.length - MOST} more`)] : [];
  return make("ul", { class: "oc-list" }, ...all.slice(0, MOST).map((each) => make("li", {}, item(each))), ...more);
}

function exhibitList(model, exhibits, evidence) {
  return [
    make("h3", {}, `Exhibits (${exhibits.length})`),
    list(exhibits, (number) => exhibitCard(model.exhibits[number], evidence[number] ?? [])),
  ];
}

function exhibitCard(exhibit, places) {
  const known = [["SHA-256", exhibit.sha256 ?? "not stated in this graph"], ["ledger entry", exhibit.entry === undefined ? "not stated in this graph" : String(exhibit.entry)]];
  const card = make("div", { class: "oc-exhibit" }, make("b", {}, exhibit.number), facts([...known, ...places]));
  if (exhibit.veiled) card.append(picture(exhibit));
  else if (exhibit.why) card.append(make("p", { class: "oc-muted" }, exhibit.why));
  return card;
}

function picture(exhibit) {
  const image = make("img", { src: exhibit.veiled, alt: `picture of exhibit ${exhibit.number}, hidden until revealed` });
  const toggle = button("Reveal the picture", () => {
    const open = toggle.getAttribute("aria-pressed") !== "true";
    toggle.setAttribute("aria-pressed", String(open));
    toggle.textContent = open ? "Hide the picture" : "Reveal the picture";
    image.src = open ? exhibit.picture : exhibit.veiled;
    image.alt = open ? `picture of exhibit ${exhibit.number}, made small` : `picture of exhibit ${exhibit.number}, hidden until revealed`;
  }, { "aria-pressed": "false" });
  return make("div", { class: "oc-picture" }, image, toggle);
}
