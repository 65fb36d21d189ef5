// Rectangles on a picture, and the line of code that masks them. Nothing is masked by what is done here.

const SIDES = ["Left", "Top", "Width", "Height"];

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const button = (words, act) => make("button", { type: "button", class: "om-button", onclick: act }, words);
const within = (number, least, most) => Math.min(Math.max(Math.round(number) || 0, least), most);

function mount(root, data) {
  return new Mask(root, data);
}

class Mask {
  constructor(root, data) {
    Object.assign(this, { data, boxes: [], drawn: null });
    root.classList.add("om");
    root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys keep out
    root.addEventListener("keydown", (event) => event.stopPropagation());
    this.image = make("img", { src: data.picture, alt: `picture of exhibit ${data.exhibit}, with its coordinates`, draggable: "false" });
    this.layer = make("div", { class: "om-layer" });
    this.frame = make("div", { class: "om-frame" }, this.image, this.layer);
    this.rows = make("div", { class: "om-rows" });
    this.status = make("p", { role: "status" });
    this.reason = make("input", { type: "text", class: "om-reason", oninput: () => this.tell() });
    this.line = make("code", { tabindex: "0", role: "textbox", "aria-readonly": "true", "aria-label": "The line of code" });
    this.lay(root);
    this.drag();
    this.draw();
  }

  lay(root) {
    const { title, how, exhibit, width, height, boxes } = this.data;
    const copy = button("Copy line", async () => {
      try { await navigator.clipboard.writeText(this.line.textContent); this.status.textContent = "Copied."; }
      catch { this.status.textContent = "This browser does not let it be copied: select the line instead."; }
    });
    const masked = boxes.length ? `Masked already, dark in the picture: ${boxes.map((box) => `(${box.join(", ")})`).join(", ")}.` : "Nothing of it is masked yet.";
    root.replaceChildren(make("h1", {}, title), make("p", {}, `${width} × ${height} pixels. ${how} ${masked}`),
      make("p", { class: "on-screen" }, "Draw a rectangle on the picture with the mouse or a finger, or add one and type its numbers."),
      make("details", { class: "veil" }, make("summary", {}, `Reveal or hide the picture of ${exhibit}`), this.frame),
      this.rows, make("div", { class: "om-tools on-screen" }, button("Add a rectangle", () => this.add())),
      make("label", { class: "om-label" }, "Reason ", this.reason), this.status,
      make("div", { class: "om-code" }, make("pre", {}, this.line), copy));
  }

  // Where a pointer is, in pixels of the picture.
  place(event) {
    const seen = this.image.getBoundingClientRect();
    const { width, height } = this.data;
    return [within((event.clientX - seen.left) * width / seen.width, 0, width), within((event.clientY - seen.top) * height / seen.height, 0, height)];
  }

  drag() {
    let start = null;
    const box = (event) => {
      const end = this.place(event);
      const [left, top] = [0, 1].map((axis) => Math.min(start[axis], end[axis]));
      return [left, top, Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1])];
    };
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      this.frame.setPointerCapture(event.pointerId);
      start = this.place(event);
    });
    this.frame.addEventListener("pointermove", (event) => { if (start) { this.drawn = box(event); this.mark(); } });
    this.frame.addEventListener("pointercancel", () => { start = this.drawn = null; this.mark(); });
    this.frame.addEventListener("pointerup", (event) => {
      if (!start) return;
      const made = box(event);
      start = this.drawn = null;
      if (made[2] && made[3]) this.boxes.push(made);
      this.draw();
    });
  }

  add() {
    const { width, height } = this.data;
    this.boxes.push([Math.floor(width / 4), Math.floor(height / 4), Math.max(1, Math.floor(width / 2)), Math.max(1, Math.floor(height / 2))]);
    this.draw();
    this.rows.lastElementChild.querySelector("input").focus();
  }

  draw() {
    this.rows.replaceChildren(...this.boxes.map((box, at) => this.row(box, at)));
    this.mark();
    this.tell();
  }

  row(box, at) {
    const name = `Rectangle ${at + 1}`;
    const fields = SIDES.map((side, place) => {
      const input = make("input", { type: "number", min: place < 2 ? "0" : "1", step: "1" });
      input.value = box[place];
      input.addEventListener("change", () => { this.typed(box, place, Number(input.value)); box.forEach((value, each) => { all[each].value = value; }); this.mark(); this.tell(); });
      return input;
    });
    const all = fields;
    const labels = fields.map((input, place) => make("label", {}, `${SIDES[place]} `, input));
    const remove = button("Remove", () => { this.boxes.splice(at, 1); this.draw(); });
    remove.setAttribute("aria-label", `Remove rectangle ${at + 1}`);
    return make("fieldset", {}, make("legend", {}, name), ...labels, remove);
  }

  // What is typed stays within the picture: the corner first, then what is left of it.
  typed(box, place, number) {
    const { width, height } = this.data;
    const most = [width - 1, height - 1, width - box[0], height - box[1]];
    box[place] = within(number, place < 2 ? 0 : 1, most[place]);
    box[2] = within(box[2], 1, width - box[0]);
    box[3] = within(box[3], 1, height - box[1]);
  }

  mark() {
    const { width, height } = this.data;
    const shown = this.drawn ? [...this.boxes, this.drawn] : this.boxes;
    this.layer.replaceChildren(...shown.map(([left, top, wide, high]) => {
      const drawn = make("div", { class: "om-box" });
      Object.assign(drawn.style, { left: `${100 * left / width}%`, top: `${100 * top / height}%`, width: `${100 * wide / width}%`, height: `${100 * high / height}%` });
      return drawn;
    }));
  }

  tell() {
    const count = this.boxes.length;
    const boxes = this.boxes.map((box) => `(${box.join(", ")})`).join(", ");
    this.line.textContent = count ? `case.mask_exhibit(${JSON.stringify(this.data.exhibit)}, boxes=[${boxes}], reason=${JSON.stringify(this.reason.value)})` : "";
    this.status.textContent = count
      ? `${count} ${count === 1 ? "rectangle" : "rectangles"}. Nothing is masked before this line is run in a cell${this.reason.value ? "" : "; it needs a reason"}.`
      : "No rectangle yet.";
  }
}
