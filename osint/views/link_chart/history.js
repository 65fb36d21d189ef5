// The states of the chart, one after the other: every change can be taken back.

const LONGEST = 200;

export class History {
  constructor(first) {
    this.past = [];
    this.future = [];
    this.now = first;
  }

  change(changes) {
    this.past.push(this.now);
    this.past.splice(0, this.past.length - LONGEST);
    this.future = [];
    this.now = { ...this.now, ...changes };
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  step(from, to) {
    if (!from.length) return false;
    to.push(this.now);
    this.now = from.pop();
    return true;
  }
}
