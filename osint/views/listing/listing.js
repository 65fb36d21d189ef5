// Rows that one searches, narrows and sorts. Text reaches the page as text nodes and as attributes, never as markup.

const PAGE = 100;
const MOST_VALUES = 30;
const ZOOMS = [0.5, 0.75, 1, 1.5, 2, 3, 4, 6];
const HELP = "Keys: / searches, arrow up and down go from row to row, Enter opens a row, Page Up and Page Down turn pages.";
const compare = new Intl.Collator("en").compare;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "string") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

const button = (words, act, more = {}) => make("button", { type: "button", class: "ol-button", onclick: act, ...more }, words);
const values = (row, name) => (Array.isArray(row[name]) ? row[name] : row[name] ? [row[name]] : []);
const text = (row, name) => values(row, name).join(", ");
// What writers leave out is left out here too: letter case, accents, vowel signs.
const folded = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const searched = (row, columns) => folded(columns.map((column) => text(row, column.name)).join("\n"));

function mount(root, data, keys = root) {
  return new Listing(root, data, keys);
}

class Listing {
  constructor(root, data, keys) {
    const { columns, rows } = data;
    Object.assign(this, { root, data, columns, rows, page: 0, open: new Set(), chosen: new Map(), sort: { name: null, down: false } });
    this.words = rows.map((row) => searched(row, columns));
    this.shown = rows.map((_, at) => at);
    this.status = make("p", { class: "ol-status", role: "status" });
    this.search = make("input", { type: "search", class: "ol-search", oninput: () => this.narrow(), autocomplete: "off" });
    this.facets = columns.filter((column) => column.facet).map((column) => this.facet(column)).filter(Boolean);
    this.head = make("tr", { role: "row" });
    this.body = make("tbody", { role: "rowgroup" });
    this.pager = make("nav", { class: "ol-pager", "aria-label": "Pages" });
    this.lay();
    keys.addEventListener("keydown", (event) => this.key(event));
    this.narrow();
  }

  lay() {
    const { title, caption, notes, chart } = this.data;
    this.root.classList.add("ol");
    this.root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys keep out
    const table = make("table", { role: "treegrid", "aria-label": title }, make("thead", { role: "rowgroup" }, this.head), this.body);
    this.area = make("div", { class: "ol-area" }, table);
    const search = make("label", { class: "ol-label" }, "Search ", this.search);
    const clear = button("Show all", () => this.clear());
    const tools = make("div", { class: "ol-tools" }, search, ...this.facets.map((facet) => facet.element), clear);
    this.root.replaceChildren(make("h1", {}, title), make("p", { class: "ol-caption" }, caption), ...(chart ? [picture(chart)] : []), tools,
      this.status, this.area, this.pager, ...notes.map((note) => make("p", { class: "ol-note" }, note)), make("p", { class: "ol-note ol-help" }, HELP));
  }

  facet(column) {
    const counts = new Map();
    for (const row of this.rows) for (const value of values(row, column.name)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const empty = this.rows.filter((row) => !values(row, column.name).length).length;
    const found = [...counts].sort((one, other) => other[1] - one[1] || compare(one[0], other[0]));
    if (found.length + (empty ? 1 : 0) < 2) return null;
    const ticks = found.slice(0, MOST_VALUES).map(([value, count]) => this.tick(column, value, value, count));
    if (empty) ticks.push(this.tick(column, "", "(none)", empty));
    const more = found.length - MOST_VALUES;
    const rest = more > 0 ? [make("p", { class: "ol-note" }, `${more.toLocaleString("en")} more values: search for them.`)] : [];
    const summary = make("summary", {}, column.label);
    const choices = make("fieldset", {}, make("legend", { class: "ol-hidden" }, column.label), ...ticks, ...rest);
    return { element: make("details", { class: "ol-facet" }, summary, choices), summary, label: column.label, name: column.name };
  }

  tick(column, value, words, count) {
    const box = make("input", { type: "checkbox", onchange: () => {
      const chosen = this.chosen.get(column.name) ?? new Set();
      if (box.checked) chosen.add(value); else chosen.delete(value);
      this.chosen.set(column.name, chosen);
      this.narrow();
    } });
    return make("label", { class: "ol-tick" }, box, " ", make("span", { dir: "auto" }, words), " ", make("span", { class: "ol-count" }, count.toLocaleString("en")));
  }

  clear() {
    this.search.value = "";
    this.chosen.clear();
    for (const box of this.root.querySelectorAll(".ol-tick input")) box.checked = false;
    this.sort = { name: null, down: false };
    this.narrow();
  }

  narrow() {
    const wanted = folded(this.search.value).split(/\s+/).filter(Boolean);
    const facets = [...this.chosen].filter(([, chosen]) => chosen.size);
    const fits = (row) => facets.every(([name, chosen]) => {
      const own = values(row, name);
      return own.length ? own.some((value) => chosen.has(value)) : chosen.has("");
    });
    this.shown = [];
    this.rows.forEach((row, at) => {
      if (wanted.every((word) => this.words[at].includes(word)) && fits(row)) this.shown.push(at);
    });
    for (const facet of this.facets) {
      const count = this.chosen.get(facet.name)?.size;
      facet.summary.textContent = count ? `${facet.label} (${count})` : facet.label;
    }
    this.page = 0;
    this.ordered();
  }

  sortBy(column) {
    const again = this.sort.name === column.name;
    this.sort = again && this.sort.down ? { name: null, down: false } : { name: column.name, down: again };
    this.page = 0;
    this.ordered();
    [...this.head.querySelectorAll("button")].find((each) => each.dataset.name === column.name)?.focus();
  }

  ordered() {
    const { name, down } = this.sort;
    const column = this.columns.find((each) => each.name === name);
    this.shown.sort((one, other) => one - other);
    if (column) {
      const key = this.rows.map((row) => (column.number ? Number(text(row, name) || NaN) : text(row, name)));
      const missing = (value) => value === "" || Number.isNaN(value);
      const order = (one, other) => missing(key[one]) - missing(key[other])
        || (missing(key[one]) ? 0 : (down ? -1 : 1) * (column.number ? key[one] - key[other] : compare(key[one], key[other]))) || one - other;
      this.shown.sort(order);
    }
    this.draw();
  }

  get pages() { return Math.max(1, Math.ceil(this.shown.length / PAGE)); }

  // On paper there is nothing to turn: every row that fits stands there.
  draw(paper = false) {
    const shown = paper ? this.shown : this.shown.slice(this.page * PAGE, (this.page + 1) * PAGE);
    this.printed = this.columns.filter((column) => column.printed);
    this.head.replaceChildren(...this.printed.map((column) => this.heading(column, paper)));
    this.body.replaceChildren(...shown.flatMap((at) => this.lines(at)));
    const first = this.body.querySelector("tr[data-at]");
    if (first) first.tabIndex = 0;
    const many = this.rows.length.toLocaleString("en");
    this.status.textContent = shown.length
      ? `${this.shown.length.toLocaleString("en")} of ${many} rows${paper ? "" : `; page ${this.page + 1} of ${this.pages}`}.` : `No row of ${many} fits.`;
    this.pager.replaceChildren(
      button("Previous page", () => this.turn(-1), { disabled: this.page === 0 }), button("Next page", () => this.turn(1), { disabled: this.page + 1 >= this.pages }));
    this.pager.hidden = this.pages === 1;
  }

  // A browser repeats the headings on each sheet only where no button is in them.
  heading(column, paper) {
    const own = this.sort.name === column.name;
    const sign = own ? (this.sort.down ? " ↓" : " ↑") : "";
    if (paper) return make("th", { role: "columnheader", scope: "col" }, column.label + sign);
    const sorts = button(column.label + sign, () => this.sortBy(column), { "data-name": column.name, class: "ol-sort", title: "Sort by this column" });
    return make("th", { role: "columnheader", scope: "col", "aria-sort": own ? (this.sort.down ? "descending" : "ascending") : "none" }, sorts);
  }

  lines(at) {
    const row = this.rows[at];
    const cells = this.printed.map((column, place) => {
      const cell = make("td", { role: "gridcell", "data-label": column.label, dir: "auto" }, text(row, column.name));
      cell.classList.toggle("ol-time", /^\d{4}-\d\d-\d\d[T ][\d:.]+\S*( \S+){0,2}$/.test(cell.textContent));
      if (!place && row.depth) cell.style.paddingInlineStart = `${8 + 18 * Math.min(row.depth, 12)}px`;
      if (!place && row.depth) cell.prepend(make("span", { class: "ol-hidden" }, `Answer, level ${row.depth}: `));
      return cell;
    });
    const open = this.open.has(at);
    const line = make("tr", { role: "row", tabIndex: -1, "data-at": String(at), "aria-expanded": String(open), onclick: (event) => this.clicked(event, at) }, ...cells);
    line.classList.toggle("ol-open", open);
    return open ? [line, this.detail(at)] : [line];
  }

  clicked(event, at) {
    if (String(document.getSelection()) || event.target.closest("button")) return;
    this.toggle(at);
  }

  toggle(at) {
    if (!this.open.delete(at)) this.open.add(at);
    this.draw();
    this.walk(at);
  }

  detail(at) {
    const row = this.rows[at];
    const told = this.columns.filter((column) => text(row, column.name)).flatMap((column) => [make("dt", {}, column.label), make("dd", { dir: "auto" }, text(row, column.name))]);
    const pictures = (this.data.thumbs[at] ?? []).map(veiled);
    return make("tr", { role: "row", class: "ol-detail" }, make("td", { role: "gridcell", colSpan: this.printed.length }, make("dl", {}, ...told), ...pictures));
  }

  walk(at) {
    for (const line of this.body.querySelectorAll("tr[data-at]")) line.tabIndex = -1;
    const line = this.body.querySelector(`tr[data-at="${at}"]`);
    if (!line) return;
    line.tabIndex = 0;
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
  }

  turn(by) {
    const page = Math.min(Math.max(this.page + by, 0), this.pages - 1);
    if (page === this.page) return;
    this.page = page;
    this.draw();
    this.walk(this.shown[page * PAGE]);
    this.area.scrollIntoView({ block: "start" });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === this.search;
    if (event.key === "/" && !typing) this.search.focus();
    else if (event.key === "Escape" && typing) this.clear();
    else if (event.key === "ArrowDown" && typing) this.walk(this.shown[this.page * PAGE]);
    else if (typing || !event.target.matches("tr[data-at]")) return;
    else if (!this.step(event.key, Number(event.target.dataset.at))) return;
    event.preventDefault();
  }

  step(key, at) {
    const here = this.shown.indexOf(at);
    const onPage = (place) => Math.min(Math.max(place, this.page * PAGE), Math.min((this.page + 1) * PAGE, this.shown.length) - 1);
    if (key === "ArrowDown") this.walk(this.shown[onPage(here + 1)]);
    else if (key === "ArrowUp") this.walk(this.shown[onPage(here - 1)]);
    else if (key === "Home") this.walk(this.shown[onPage(0)]);
    else if (key === "End") this.walk(this.shown[onPage(this.shown.length)]);
    else if (key === "PageDown") this.turn(1);
    else if (key === "PageUp") this.turn(-1);
    else if (key === "Enter" || key === " ") this.toggle(at);
    else return false;
    return true;
  }
}

function veiled(thumb) {
  const image = make("img", { src: thumb.veiled, alt: `picture of exhibit ${thumb.exhibit}, hidden until revealed` });
  const reveal = button(`Reveal the picture of ${thumb.exhibit}`, () => {
    const hidden = image.getAttribute("src") === thumb.veiled;
    image.src = hidden ? thumb.shown : thumb.veiled;
    image.alt = hidden ? `picture of exhibit ${thumb.exhibit}, made small` : `picture of exhibit ${thumb.exhibit}, hidden until revealed`;
    reveal.textContent = `${hidden ? "Hide" : "Reveal"} the picture of ${thumb.exhibit}`;
  });
  return make("div", { class: "ol-thumb" }, reveal, image);
}

function picture(chart) {
  const image = make("img", { src: chart.src, alt: chart.alt });
  const frame = make("div", { class: "ol-picture", tabIndex: 0, role: "region", "aria-label": `${chart.alt}. Plus and minus change its size.` }, image);
  let size = ZOOMS.indexOf(1);
  const zoom = (by) => {
    size = by ? Math.min(Math.max(size + by, 0), ZOOMS.length - 1) : ZOOMS.indexOf(1);
    image.style.width = `${ZOOMS[size] * 100}%`;
  };
  zoom(0);
  frame.addEventListener("keydown", (event) => {
    const by = { "+": 1, "=": 1, "-": -1, "0": 0 }[event.key];
    if (by === undefined) return;
    zoom(by);
    event.preventDefault();
  });
  const tools = make("div", { class: "ol-tools" }, button("Larger", () => zoom(1)), button("Smaller", () => zoom(-1)), button("Whole width", () => zoom(0)));
  return make("div", {}, tools, frame);
}
