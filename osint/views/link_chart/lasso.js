// A line drawn around nodes chooses them. While it is on, the chart itself keeps still.

export class Lasso {
  constructor(stage, gather) {
    this.stage = stage;
    this.gather = gather;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "oc-lasso";
    this.points = null;
    this.canvas.addEventListener("pointerdown", (event) => { this.points = [this.point(event)]; this.canvas.setPointerCapture(event.pointerId); });
    this.canvas.addEventListener("pointermove", (event) => { if (this.points) { this.points.push(this.point(event)); this.trace(); } });
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => this.finish());
  }

  get on() { return this.canvas.isConnected; }

  set(on) {
    if (!on) return this.canvas.remove();
    const { width, height } = this.stage.getBoundingClientRect();
    Object.assign(this.canvas, { width, height });
    return this.stage.append(this.canvas);
  }

  point(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  trace() {
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    Object.assign(pen, { strokeStyle: "#0b57d0", fillStyle: "rgba(11, 87, 208, 0.08)", lineWidth: 1.5 });
    pen.setLineDash([5, 4]);
    pen.beginPath();
    for (const point of this.points) pen.lineTo(...point);
    pen.fill();
    pen.stroke();
  }

  finish() {
    const outline = this.points ?? [];
    this.points = null;
    this.set(false);
    this.gather(outline.length > 2 ? (x, y) => within(outline, x, y) : null);
  }
}

function within(outline, x, y) {
  let inside = false;
  outline.forEach(([x1, y1], number) => {
    const [x2, y2] = outline[(number + 1) % outline.length];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}
