// What the chart holds, and which part of it a state of the controls shows. Nothing here touches the page.

export const DETAIL_LIMIT = 5000; // elements; above it the chart is an overview

export function readModel(data) {
  const nodes = data.nodes.map((node, id) => ({ ...node, id, ties: [] }));
  const edges = data.edges.map((edge, id) => ({ ...edge, id }));
  for (const edge of edges) {
    nodes[edge.source].ties.push(edge.id);
    if (edge.target !== edge.source) nodes[edge.target].ties.push(edge.id);
  }
  data.people.forEach((person, number) => person.members.forEach((id) => { nodes[id].person = number; }));
  const times = edges.flatMap((edge) => (edge.first === undefined ? [] : [edge.first, edge.last]));
  const span = times.length ? [least(times), -least(times.map((time) => -time))] : null;
  const looks = new Map(Object.keys(data.kinds).map((kind, look) => [kind, look])); // a kind is any text; a number is none
  return { ...data, nodes, edges, span, looks };
}

export function least(numbers) {
  return numbers.reduce((one, other) => Math.min(one, other));
}

export function firstState(model) {
  return {
    kindsOff: [], relationsOff: [], basesOff: [], min: 1, from: null, to: null, undated: true, lone: true,
    bundled: model.edges.length > 60, hidden: [], only: null, pinned: [], moved: {},
  };
}

export function shownPart(model, state) {
  const kindsOff = new Set(state.kindsOff), hidden = new Set(state.hidden);
  const only = state.only && new Set(state.only);
  const may = (node) => !kindsOff.has(node.kind) && !hidden.has(node.id) && (!only || only.has(node.id));
  const allowed = new Set(model.nodes.filter(may).map((node) => node.id));
  const passes = edgeFilter(state);
  const edges = model.edges.filter((edge) => allowed.has(edge.source) && allowed.has(edge.target) && passes(edge));
  let nodes = allowed;
  if (!state.lone) nodes = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  return { nodes, edges, lines: state.bundled ? bundles(edges) : edges.map((edge) => line([edge])) };
}

function edgeFilter(state) {
  const relationsOff = new Set(state.relationsOff), basesOff = new Set(state.basesOff);
  const inTime = (edge) => {
    if (edge.first === undefined) return state.undated;
    return state.from === null || (edge.first <= state.to && edge.last >= state.from);
  };
  return (edge) =>
    !relationsOff.has(edge.relation) && !basesOff.has(edge.basis) && edge.count >= state.min && inTime(edge);
}

function bundles(edges) {
  const groups = new Map();
  for (const edge of edges) {
    const ends = [edge.source, edge.target].sort((one, other) => one - other);
    const key = `${ends.join(" ")} ${edge.basis}`; // one basis to a bundle: its line says which
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(edge);
  }
  return [...groups.values()].map(line);
}

function line(edges) {
  const { source, target, basis } = edges[0];
  const relations = new Set(edges.map((edge) => edge.relation));
  return {
    id: edges.map((edge) => edge.id).join("+"), edges, source, target, basis,
    relation: relations.size === 1 ? edges[0].relation : null,
    count: -least(edges.map((edge) => -edge.count)), // no sum: a post that answers and names is in two of them
    returns: edges.some((edge) => edge.source !== source), // some of them run the other way
  };
}

export function counted(model, shown) {
  const of = (some, all) => (some === all ? `all ${all.toLocaleString("en")}` : `${some.toLocaleString("en")} of ${all.toLocaleString("en")}`);
  return `Shown: ${of(shown.nodes.size, model.nodes.length)} nodes, ${of(shown.edges.length, model.edges.length)} edges`;
}

export function filterInWords(state) {
  const said = [];
  if (state.kindsOff.length) said.push(`without nodes of the kind ${state.kindsOff.join(", ")}`);
  if (state.relationsOff.length) said.push(`without ${state.relationsOff.join(", ")}`);
  if (state.basesOff.length) said.push(`without ${state.basesOff.join(", ")} edges`);
  if (state.min > 1) said.push(`edges that rest on ${state.min} posts, things shared or statements, or more`);
  if (state.from !== null) said.push(`${day(state.from)} to ${day(state.to)}, ${state.undated ? "with" : "without"} undated edges`);
  else if (!state.undated) said.push("without undated edges");
  if (state.only) said.push("a selection alone");
  if (state.hidden.length) said.push(`${state.hidden.length} nodes hidden by hand`);
  if (!state.lone) said.push("without nodes that no shown edge has");
  return said.length ? `Filter: ${said.join("; ")}.` : "No filter.";
}

export function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function moment(seconds) {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function period(known) {
  return known.first === undefined ? "not dated" : `${moment(known.first)} to ${moment(known.last)}`;
}

export function found(model, words) {
  const wanted = words.trim().toLocaleLowerCase("en");
  if (!wanted) return [];
  const starts = [], holds = [];
  for (const node of model.nodes) {
    const at = `${node.label}\n${node.key}`.toLocaleLowerCase("en").indexOf(wanted);
    if (at === 0) starts.push(node);
    else if (at > 0) holds.push(node);
  }
  return [...starts, ...holds];
}
