// The case panel. Texts reach the page as text nodes and attributes, never as markup; every control is a native one.

const TITLES = { case: "1. Open or create the case", authority: "2. Record the authority", collect: "3. Collect", hand_over: "5. Hand over" };
const SHOWN = [["posts", "Posts"], ["chart", "Link chart"], ["custody", "Custody"], ["verify", "Verify"]];
let made = 0;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// A button that is not free keeps the focus: it says so, and does nothing.
function button(words, act, more = {}) {
  const element = make("button", { type: "button", class: "op-button", ...more }, words);
  element.addEventListener("click", (event) => { event.preventDefault(); if (element.getAttribute("aria-disabled") !== "true") act(); });
  return element;
}

function copying(words, text, say) {
  return button(words, async () => {
    try { await navigator.clipboard.writeText(text()); say("Copied."); } catch { say("This browser does not let it be copied: select the line instead."); }
  });
}

function control(field, value) {
  if (field.kind === "choice") {
    const options = field.choices.map(([name, words]) => make("option", { value: name, selected: name === value }, words));
    return make("select", {}, ...options);
  }
  if (field.kind === "many") { const area = make("textarea", { rows: 2 }); area.value = value; return area; }
  const input = make("input", { type: field.kind === "secret" ? "password" : "text", autocomplete: "off", spellcheck: "false" });
  if (field.kind === "number") input.setAttribute("inputmode", "numeric");
  input.value = value;
  return input;
}

function row(field, value) {
  const id = `op-${made += 1}`;
  const input = control(field, value);
  input.id = id;
  input.name = field.name;
  const notes = make("div", { class: "op-notes", id: `${id}-notes` });
  if (field.help) notes.append(make("p", {}, field.help));
  for (const clause of field.clauses) notes.append(make("p", { class: "op-clause" }, clause));
  input.setAttribute("aria-describedby", notes.id);
  return make("div", { class: "op-row" }, make("div", {}, make("label", { for: id }, field.label), input), notes);
}

function valuesOf(form) {
  return Object.fromEntries([...form.querySelectorAll("[name]")].map((input) => [input.name, input.value]));
}

class Step {
  constructor(name, panel, buttons) {
    Object.assign(this, { name, panel, fields: "" });
    this.rows = make("div");
    this.note = make("p", { class: "op-note", "aria-live": "polite" });
    this.line = make("code", { tabindex: "0", "aria-label": `The line of code of step ${TITLES[name]}` });
    this.form = make("form", { onsubmit: (event) => event.preventDefault(), onchange: () => this.draft() },
      this.rows, this.note, make("div", { class: "op-code" }, make("pre", {}, this.line), copying("Copy line", () => this.line.textContent, panel.say)),
      make("div", { class: "op-buttons" }, ...buttons));
    this.element = make("section", { class: "op-step" }, make("h3", {}, TITLES[name]), this.form);
  }
  values() { return valuesOf(this.form); }
  draft() {
    const values = this.values();
    delete values.passphrase; delete values.again;
    this.panel.send("draft", this.name, values);
  }
  show(state) {
    const fields = JSON.stringify(state.forms[this.name]);
    if (fields !== this.fields) this.build(state);
    this.fields = fields;
    const draft = state.drafts[this.name];
    this.line.textContent = draft.line;
    this.note.textContent = draft.note;
  }
  build(state) {
    const old = this.rows.childElementCount ? this.values() : state.given;
    const rows = state.forms[this.name].map((field) => [field.more, row(field, old[field.name] || "")]);
    const more = rows.filter(([hidden]) => hidden).map(([, element]) => element);
    this.rows.replaceChildren(...rows.filter(([hidden]) => !hidden).map(([, element]) => element));
    if (more.length) this.rows.append(make("details", {}, make("summary", {}, "More fields"), ...more));
  }
  clear(...names) { for (const name of names) this.form.querySelector(`[name=${name}]`).value = ""; }
}

function table(block) {
  const head = make("tr", {}, ...block.columns.map((name) => make("th", { scope: "col" }, name)));
  const rows = block.rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  return make("div", { class: "op-table", tabindex: "0", role: "region", "aria-label": block.title }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
}

function drawn(block) {
  const parts = [make("h4", {}, block.title), ...block.lines.map((line) => make("p", {}, line))];
  if (block.rows) parts.push(table(block));
  if (block.picture) parts.push(make("div", { class: "op-table", tabindex: "0", role: "region", "aria-label": block.title }, make("img", { src: block.picture, alt: block.alt })));
  return parts;
}

class Panel {
  constructor(model, root) {
    this.model = model;
    this.say = (words) => { this.said.textContent = words; };
    this.said = make("p", { class: "op-note", "aria-live": "polite" });
    this.parts(root);
    this.listen();
  }
  send(act, ...given) { this.model.send({ act, given }); }
  // What a button did is told below that button.
  press(section, act, ...given) { section.append(this.now, this.result); this.send(act, ...given); }
  parts(root) {
    const busy = (words, act, more) => { const made = button(words, act, more); this.busy.push(made); return made; };
    this.busy = [];
    const steps = this.steps = {};
    this.summary = make("p", { class: "op-summary" });
    steps.case = new Step("case", this, [busy("Open or create", () => { this.press(steps.case.element, "open", steps.case.values()); steps.case.clear("passphrase", "again"); }, { type: "submit", class: "op-button op-main" })]);
    steps.authority = new Step("authority", this, [busy("Record the authority", () => this.press(steps.authority.element, "authorize", steps.authority.values()), { type: "submit", class: "op-button op-main" })]);
    this.chosen = make("select", { id: `op-${made += 1}`, name: "collector" });
    this.about = make("p", { class: "op-note" });
    this.collectors = make("div", { class: "op-table", tabindex: "0", role: "region", "aria-label": "All collectors" });
    this.resume = busy("Go on with the interrupted run", () => this.press(steps.collect.element, "resume"));
    steps.collect = new Step("collect", this, [busy("Collect", () => this.press(steps.collect.element, "collect", steps.collect.values()), { type: "submit", class: "op-button op-main" }), busy("Probe", () => this.press(steps.collect.element, "probe", steps.collect.values())), this.resume]);
    steps.collect.form.prepend(make("div", { class: "op-row" }, make("div", {}, make("label", { for: this.chosen.id }, "Collector"), this.chosen), make("div", { class: "op-notes" }, this.about)),
      make("details", {}, make("summary", {}, "All collectors: what each reads, its key, what a probe found"), this.collectors));
    this.chosen.addEventListener("change", () => this.describe());
    steps.hand_over = new Step("hand_over", this, [busy("Write the package", () => this.press(steps.hand_over.element, "hand_over", steps.hand_over.values()), { type: "submit", class: "op-button op-main" })]);
    const look = make("section", { class: "op-step" }, make("h3", {}, "4. Look, and verify"), make("div", { class: "op-buttons" }, ...SHOWN.map(([what, words]) => busy(words, () => this.press(look, "show", what)))));
    this.status = make("p", { class: "op-doing", role: "status" });
    this.stop = button("Stop", () => this.send("stop"), { class: "op-button op-stop" });
    this.refusal = make("div", { class: "op-refusal", role: "alert" });
    this.result = make("section", { class: "op-result", "aria-label": "Result" });
    this.lines = make("code", { tabindex: "0", "aria-label": "Everything so far, as code" });
    const code = make("section", { class: "op-step" }, make("h3", {}, "Everything so far, as code"), make("pre", {}, this.lines), make("div", { class: "op-buttons" }, copying("Copy all lines", () => this.lines.textContent, this.say)), this.said);
    this.now = make("div", { class: "op-now" }, this.status, this.stop, this.refusal);
    steps.case.element.append(this.now, this.result);
    root.append(make("h2", {}, "Case panel"), this.summary, steps.case.element, steps.authority.element, steps.collect.element, look,
      steps.hand_over.element, code);
  }
  listen() {
    const shown = () => this.show(JSON.parse(this.model.get("state")));
    const told = () => this.tell(this.model.get("doing"));
    this.model.on("change:state", shown);
    this.model.on("change:doing", told);
    this.close = () => { this.model.off("change:state", shown); this.model.off("change:doing", told); };
    shown(); told();
  }
  tell(doing) {
    this.status.textContent = doing || "Nothing goes on.";
    this.stop.setAttribute("aria-disabled", String(!doing));
    for (const each of this.busy) each.setAttribute("aria-disabled", String(Boolean(doing) || (each === this.resume && !this.waiting)));
  }
  show(state) {
    this.summary.textContent = [state.case || "No case is open.", state.banner].filter(Boolean).join("\n");
    this.waiting = (state.waiting || []).length;
    this.choose(state.collectors);
    for (const step of Object.values(this.steps)) step.show(state);
    this.refusal.replaceChildren(...state.refusal.map((line) => make("p", {}, line)));
    const result = JSON.stringify(state.result);
    if (result !== this.drawn) this.result.replaceChildren(...(state.result ? drawn(state.result) : []));
    this.drawn = result;
    this.lines.textContent = state.lines.join("\n");
    this.tell(this.model.get("doing"));
  }
  choose(rows) {
    const known = JSON.stringify(rows);
    if (known === this.known) return;
    Object.assign(this, { known, rows });
    const before = this.chosen.value || "mastodon";
    this.chosen.replaceChildren(...rows.map((each) => make("option", { value: each.collector, selected: each.collector === before }, each.collector)));
    const names = ["collector", "reads", "answers", "proof", "key", "probe"];
    this.collectors.replaceChildren(table({ title: "Collectors", columns: names, rows: rows.map((each) => names.map((name) => each[name])) }));
    this.describe();
  }
  describe() {
    const row = this.rows.find((each) => each.collector === this.chosen.value);
    this.about.textContent = row ? `Reads ${row.reads}. Answers for: ${row.answers}. Key: ${row.key}. Probe: ${row.probe}.` : "Open a case first.";
  }
}

export default {
  render({ model, el }) {
    // JupyterLab would take keys that are pressed on a button for commands of its notebook.
    const root = make("div", { class: "op", role: "group", "aria-label": "Case panel", "data-lm-suppress-shortcuts": "true" });
    root.addEventListener("keydown", (event) => event.stopPropagation());
    el.append(root);
    const panel = new Panel(model, root);
    return () => panel.close();
  },
};
