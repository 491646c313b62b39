// A line chart with a bound, drawn as SVG; read by pointer or by the arrow keys.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const HEIGHT = 100;
const DAY = 1440; // points by the minute
const FRESH = 600; // the newest points, as they came
const MOST = 2500; // then those that are not fresh any more are thinned
const MINUTE_MS = 60_000;

export class Chart {
  constructor(parent, title, { bound = null, hint = "", format = String } = {}) {
    this.points = []; // [time in ms, value or null]
    this.title = title;
    this.bound = bound;
    this.hint = hint;
    this.format = format;
    this.cursor = null;
    this.build(parent);
  }

  build(parent) {
    const figure = document.createElement("figure");
    figure.dataset.chart = this.title;
    const caption = figure.appendChild(document.createElement("figcaption"));
    caption.append(Object.assign(document.createElement("span"), { textContent: this.title }));
    this.now = caption.appendChild(document.createElement("b"));
    this.note = caption.appendChild(document.createElement("small"));
    const plot = figure.appendChild(labelled("div", "plot"));
    this.topLabel = plot.appendChild(labelled("span", "top"));
    this.svg = plot.appendChild(element("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", tabindex: 0 }));
    this.svg.append(element("line", { class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }));
    this.line = this.svg.appendChild(element("path", { class: "line" }));
    this.boundLine = this.svg.appendChild(element("line", { class: "bound", x1: 0, x2: WIDTH, visibility: "hidden" }));
    this.cursorLine = this.svg.appendChild(element("line", { class: "cursor", y1: 0, y2: HEIGHT, visibility: "hidden" }));
    this.svg.addEventListener("keydown", (event) => this.onKey(event));
    this.svg.addEventListener("pointermove", (event) => this.onPointer(event));
    for (const leaving of ["pointerleave", "blur"]) this.svg.addEventListener(leaving, () => this.read(null));
    const axis = figure.appendChild(labelled("div", "axis"));
    this.from = axis.appendChild(labelled("span"));
    this.to = axis.appendChild(labelled("span"));
    parent.append(figure);
  }

  add(time, value) {
    const last = this.points.at(-1);
    if (last && time <= last[0]) return;
    this.points.push([time, value]);
    if (this.points.length > MOST) this.thin();
  }

  thin() {
    const fresh = this.points.length - FRESH;
    let last = -Infinity;
    this.points = this.points.filter(([time], index) => {
      if (index < fresh && time - last < MINUTE_MS) return false;
      last = time;
      return true;
    }).slice(-DAY - FRESH);
  }

  draw() {
    const known = this.points.filter(([, value]) => value !== null);
    if (!known.length) return;
    const highest = Math.max(...known.map(([, value]) => value), 1);
    const isNear = this.bound !== null && this.bound <= highest * 3; // a bound far above would flatten the line
    this.top = Math.ceil(isNear ? Math.max(this.bound, highest) * 1.1 : highest * 1.25);
    this.line.setAttribute("d", this.path());
    this.drawBound();
    this.now.textContent = this.format(known.at(-1)[1]);
    this.topLabel.textContent = this.format(this.top);
    this.from.textContent = clock(this.points[0][0]);
    this.to.textContent = clock(this.points.at(-1)[0]);
    this.read(this.cursor === null ? null : Math.min(this.cursor, this.points.length - 1));
  }

  drawBound() {
    const isInside = this.bound !== null && this.bound <= this.top;
    this.boundLine.setAttribute("visibility", isInside ? "visible" : "hidden");
    if (!isInside) return;
    for (const name of ["y1", "y2"]) this.boundLine.setAttribute(name, this.y(this.bound));
  }

  path() {
    let isDrawing = false; // a gap in the readings is a gap in the line
    return this.points.map(([time, value]) => {
      const command = value === null ? "" : `${isDrawing ? "L" : "M"}${this.x(time).toFixed(1)} ${this.y(value).toFixed(1)}`;
      isDrawing = value !== null;
      return command;
    }).join("");
  }

  x(time) {
    const first = this.points[0][0];
    return (WIDTH * (time - first)) / Math.max(1, this.points.at(-1)[0] - first);
  }

  y(value) {
    return HEIGHT - (HEIGHT * value) / this.top;
  }

  onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !this.points.length) return;
    event.preventDefault();
    this.read(Math.min(this.points.length - 1, Math.max(0, (this.cursor ?? this.points.length) + step)));
  }

  onPointer(event) {
    if (!this.points.length) return;
    const box = this.svg.getBoundingClientRect();
    const at = (WIDTH * (event.clientX - box.left)) / box.width;
    const distances = this.points.map(([time]) => Math.abs(this.x(time) - at));
    this.read(distances.indexOf(Math.min(...distances)));
  }

  read(index) {
    this.cursor = index;
    this.cursorLine.setAttribute("visibility", index === null ? "hidden" : "visible");
    if (index !== null) {
      const [time, value] = this.points[index];
      for (const name of ["x1", "x2"]) this.cursorLine.setAttribute(name, this.x(time));
      this.note.textContent = `${clock(time)}: ${value === null ? "no reading" : this.format(value)}`;
    } else {
      this.note.textContent = this.hint;
    }
    this.svg.setAttribute("aria-label", `${this.title}: ${index === null ? this.now.textContent : this.note.textContent}; ${this.hint}`);
  }
}

export function clock(time) {
  return new Date(time).toLocaleTimeString();
}

function labelled(name, className = "") {
  return Object.assign(document.createElement(name), { className });
}

function element(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
