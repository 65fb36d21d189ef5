// Elements of the page. Text reaches it as text nodes and as attributes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "string") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

export function button(words, act, more = {}) {
  return make("button", { type: "button", class: "oc-button", onclick: act, ...more }, words);
}

export function fill(element, ...children) {
  element.replaceChildren(...children);
  return element;
}

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function nodeSign(style, size = 20) {
  const picture = drawn("svg", { viewBox: "-1.3 -1.3 2.6 2.6", width: size, height: size, "aria-hidden": "true" });
  const outline = style.outline.map((point) => point.join(",")).join(" ");
  picture.append(
    outline ? drawn("polygon", { points: outline, fill: style.colour }) : drawn("circle", { r: 1, fill: style.colour }),
    drawn("text", { y: 0.32, "font-size": 0.95, "font-weight": "bold", "text-anchor": "middle", fill: "#fff" }, style.sign),
  );
  return picture;
}

export function lineSign(colour, dashes, head = null) {
  const picture = drawn("svg", { viewBox: "0 -6 44 12", width: 44, height: 12, "aria-hidden": "true" });
  const line = { x1: 0, x2: head ? 34 : 44, stroke: colour, "stroke-width": 2, "stroke-dasharray": dashes };
  picture.append(drawn("line", line));
  if (head) {
    const points = head.outline.map(([x, y]) => `${x + 43},${y}`).join(" ");
    picture.append(drawn("polygon", { points, fill: head.filled ? colour : "#fff", stroke: colour, "stroke-width": 1.2 }));
  }
  return picture;
}
