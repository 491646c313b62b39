// One metric's chart as an SVG: over time, or at rest against connections. Small ones have no words in them.
// The name of SVG, asked of the browser: the page is to have no address in it.
const SVG = Object.assign(document.createElement("template"), { innerHTML: "<svg></svg>" }).content.firstChild.namespaceURI;
const LEAST_SCALE = 4;
const HEADROOM = 1.12;
const BOUND_IN_VIEW = 3;
const EDGE = 5; // so that a dot at the edge is whole
const SMALL_FRAME = { width: 280, height: 96, left: 2, right: 5, top: 6, bottom: 4, isSmall: true };

const draw = (name, attributes, ...children) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

const scaleOf = (from, to, start, end) => (value) => start + ((value - from) / (to - from || 1)) * (end - start);
const round = (value) => Math.round(value * 10) / 10;
const toPath = (points) => points.map(([x, y], at) => `${at ? "L" : "M"}${round(x)} ${round(y)}`).join("");
const toArea = (points) => (points.length ? `${toPath(points)}Z` : "");
const toDots = (points) => points.map(([x, y]) => `M${round(x)} ${round(y)}h0`).join("");

// Readings as [time, value]; rest points as objects. Made when first asked for: most metrics are never opened.
const pointsOf = (metric) => {
  metric.points ??= metric.values.map((value, at) => [series.times[metric.times][at], value]);
  metric.dots ??= metric.rests.map(([t, x, y, isJudged]) => ({ t, x, y, isJudged: Boolean(isJudged) }));
  return metric;
};

const connectionsAt = (time) => {
  const course = series.course;
  const after = course.findIndex(([t]) => t >= time);
  if (after <= 0) return course.length ? course[after === 0 ? 0 : course.length - 1][1] : 0;
  const [[t0, x0], [t1, x1]] = [course[after - 1], course[after]];
  return x0 + ((time - t0) / (t1 - t0 || 1)) * (x1 - x0);
};

const phaseAt = (time) => series.stages.findLast(([, start]) => start <= time)?.[0] ?? "idle";

// What a screen shows of a line: of each column of pixels its first, lowest, highest and last point.
const thinToColumns = (points, columns) => {
  if (points.length <= columns * 4) return points;
  const kept = [];
  for (let column = 0; column < columns; column += 1) {
    const part = points.slice(
      Math.floor((column * points.length) / columns),
      Math.floor(((column + 1) * points.length) / columns),
    );
    const lowest = part.reduce((least, point) => (point[1] < least[1] ? point : least));
    const highest = part.reduce((most, point) => (point[1] > most[1] ? point : most));
    const chosen = new Set([part[0], lowest, highest, part.at(-1)]);
    kept.push(...part.filter((point) => chosen.has(point)));
  }
  return kept;
};

// The fitted line and the edges of its band, at some x (connections).
const fitAt = ([x0, y0, slope, low, high], x) => {
  const edges = [y0 + low * (x - x0), y0 + high * (x - x0)];
  return { line: y0 + slope * (x - x0), low: Math.min(...edges), high: Math.max(...edges) };
};

const judgedOf = (metric) => metric.dots.filter((dot) => dot.isJudged);

// The fit over time, between the first and the last judged rest point: [time, its line and band].
const fitOverTime = (metric) => {
  const judged = judgedOf(metric);
  if (!metric.fit || judged.length < 2) return [];
  const [first, last] = [judged[0].t, judged.at(-1).t];
  const between = series.course.map(([t]) => t).filter((t) => t > first && t < last);
  return [first, ...between, last].map((t) => [t, fitAt(metric.fit, connectionsAt(t))]);
};

// From zero, but for what is many in any process; a bound in view unless it is far above.
const amountRange = (metric, values) => {
  let highest = Math.max(...values, -Infinity);
  let lowest = Math.min(...values, Infinity);
  if (!Number.isFinite(highest)) [lowest, highest] = [0, LEAST_SCALE];
  if (!metric.crowd) [lowest, highest] = [Math.min(lowest, 0), Math.max(highest, LEAST_SCALE)];
  if (metric.crowd && highest - lowest < LEAST_SCALE) [lowest, highest] = [lowest - 2, highest + 2];
  if (metric.bound && metric.bound.value <= highest * BOUND_IN_VIEW) highest = Math.max(highest, metric.bound.value * 1.08);
  return [lowest - 0.02 * (highest - lowest), lowest + (highest - lowest) * HEADROOM];
};

const within = (from, to) => ([t]) => t >= from && t <= to;

// What lies in view, with one point beyond each edge, so that the line does not end inside.
const inView = (points, from, to) => {
  const first = points.findIndex(([t]) => t >= from);
  const last = points.findLastIndex(([t]) => t <= to);
  return first < 0 || last < 0 ? [] : points.slice(Math.max(first - 1, 0), last + 2);
};

const makeFrame = (frame) => {
  const svg = draw("svg", { viewBox: `0 0 ${frame.width} ${frame.height}`, width: frame.width, height: frame.height });
  const bottom = frame.height - frame.bottom;
  const right = frame.width - frame.right;
  const [start, width] = [Math.max(frame.left - EDGE, 0), Math.min(right + EDGE, frame.width) - Math.max(frame.left - EDGE, 0)];
  const clip = draw("svg", { x: start, y: 0, width, height: frame.height, viewBox: `${start} 0 ${width} ${frame.height}` });
  return { svg, clip, bottom, right };
};

const addAmounts = (svg, clip, frame, right, bottom, range, unit, y) => {
  const isCloseUp = range[1] - range[0] < 0.05 * Math.abs(range[1]);
  for (const tick of amountTicks(...range, Math.max(frame.height / 60, 2), unit)) {
    const at = round(y(tick));
    if (at < frame.top - 1 || at > bottom + 1) continue;
    clip.append(draw("path", { class: "gridline", d: `M${frame.left} ${at}H${right}` }));
    if (!frame.isSmall) svg.append(draw("text", { x: frame.left - 6, y: at + 4, "text-anchor": "end" }, sayTick(tick, unit, isCloseUp)));
  }
};

const addTicks = (svg, bottom, ticks, x, say) => {
  for (const tick of ticks) {
    svg.append(draw("path", { class: "gridline", d: `M${round(x(tick))} ${bottom}v4` }));
    svg.append(draw("text", { x: round(x(tick)), y: bottom + 17, "text-anchor": "middle" }, say(tick)));
  }
};

// Each phase's name above its stretch, where there is room for it.
const addPhases = (svg, frame, right, x) => {
  let free = frame.left;
  for (const [name, start, end] of series.stages) {
    const [left, stop] = [Math.max(x(start), frame.left), Math.min(x(end), right)];
    if (left < free || stop - left < name.length * 6 + 4) continue;
    svg.append(draw("text", { x: round(left) + 2, y: frame.top - 4 }, name));
    free = left + name.length * 6 + 8;
  }
};

const addBound = (svg, clip, frame, metric, range, x, y) => {
  const { bound } = metric;
  if (!bound) return;
  const isInView = bound.value <= range[1];
  if (isInView) clip.append(draw("path", { class: "bound", d: `M${round(x(bound.start))} ${round(y(bound.value))}H${round(x(bound.end))}` }));
  if (frame.isSmall) return;
  const said = `${bound.name}: ${sayAmount(bound.value, metric.unit)}${isInView ? "" : " ↑ far above"}`;
  const left = Math.max(x(bound.start), frame.left) + 4;
  svg.append(draw("text", { class: "said", x: round(left), y: isInView ? round(y(bound.value)) - 4 : frame.top + 11 }, said));
};

const drawOverTime = (metric, frame, from = 0, to = series.end) => {
  pointsOf(metric);
  const { svg, clip, bottom, right } = makeFrame(frame);
  const points = inView(metric.points, from, to);
  const dots = metric.dots.filter((dot) => dot.t >= from && dot.t <= to);
  const fit = fitOverTime(metric);
  const shown = fit.filter(within(from, to)).map(([, at]) => at.line);
  const range = amountRange(metric, [...points.filter(within(from, to)).map(([, v]) => v), ...dots.map((dot) => dot.y), ...shown]);
  const x = scaleOf(from, to, frame.left, right);
  const y = scaleOf(...range, bottom, frame.top);
  for (const [name, spans] of Object.entries(series.shades)) {
    const d = spans.map(([start, length]) => `M${round(x(start))} ${frame.top}h${round(x(start + length) - x(start))}V${bottom}H${round(x(start))}Z`).join("");
    clip.append(draw("path", { class: name, d }));
  }
  addAmounts(svg, clip, frame, right, bottom, range, metric.unit, y);
  if (metric.fit?.[2]) {
    const area = [...fit.map(([t, at]) => [x(t), y(at.low)]), ...fit.map(([t, at]) => [x(t), y(at.high)]).reverse()];
    clip.append(draw("path", { class: "band", d: toArea(area) }));
  }
  const line = thinToColumns(points, Math.ceil((right - frame.left) / 2)).map(([t, v]) => [x(t), y(v)]);
  clip.append(draw("path", { class: "reading", d: toPath(line) }));
  clip.append(draw("path", { class: "fit", d: toPath(fit.map(([t, at]) => [x(t), y(at.line)])) }));
  addBound(svg, clip, frame, metric, range, x, y);
  addDots(clip, dots, (dot) => [x(dot.t), y(dot.y)]);
  if (!frame.isSmall) {
    const unit = timeUnit(to - from);
    addTicks(svg, bottom, ticksBetween(from, to, frame.width / 90, unit.seconds), x, (t) => `${Number((t / unit.seconds).toPrecision(6))}`);
    svg.append(draw("text", { x: right, y: bottom + 32, "text-anchor": "end" }, unit.name));
    addPhases(svg, frame, right, x);
  }
  svg.insertBefore(clip, svg.firstChild);
  return { svg, x, y, bottom, right };
};

const MANY_DOTS = 40;

const addDots = (clip, dots, place) => {
  const size = dots.length > MANY_DOTS ? "many " : "";
  clip.append(draw("path", { class: `${size}dots ring`, d: toDots(dots.map(place)) }));
  for (const name of ["hollow", "hole"]) {
    clip.append(draw("path", { class: `${size}dots ${name}`, d: toDots(dots.filter((dot) => !dot.isJudged).map(place)) }));
  }
  clip.append(draw("path", { class: `${size}dots`, d: toDots(dots.filter((dot) => dot.isJudged).map(place)) }));
};

// At rest against connections: the slope with its band, and the cone of growth that counts as none.
const drawGrowth = (metric, frame) => {
  pointsOf(metric);
  const { svg, clip, bottom, right } = makeFrame(frame);
  const judged = judgedOf(metric);
  const [first, last] = metric.fit && judged.length > 1 ? [judged[0].x, judged.at(-1).x] : [0, 0];
  const start = metric.leaks || !metric.fit ? (judged[0]?.y ?? 0) : fitAt(metric.fit, first).line;
  const reach = metric.margin * (last - first);
  const floor = metric.unit === "bytes" || metric.dots.some((dot) => dot.y < 0) ? -Infinity : 0;
  const ends = metric.fit ? [fitAt(metric.fit, first), fitAt(metric.fit, last)] : [];
  const isNarrow = metric.leaks && metric.fit && Math.abs(metric.fit[2]) > 8 * metric.margin;
  const values = [...metric.dots.map((dot) => dot.y), ...ends.flatMap((at) => [at.low, at.high]), start + reach];
  if (!isNarrow && metric.fit) values.push(Math.max(start - reach, floor));
  const [lowest, highest] = values.length ? [Math.min(...values), Math.max(...values)] : [0, LEAST_SCALE];
  const top = Math.max(highest, lowest + LEAST_SCALE);
  const range = [lowest - 0.08 * (top - lowest), top + 0.16 * (top - lowest)];
  const all = metric.dots.map((dot) => dot.x);
  const spread = all.length ? Math.max(...all) - Math.min(...all) || 1 : 1;
  const edges = all.length ? [Math.min(...all) - 0.03 * spread, Math.max(...all) + 0.03 * spread] : [0, 1];
  const x = scaleOf(...edges, frame.left, right);
  const y = scaleOf(...range, bottom, frame.top);
  if (metric.fit) {
    const cone = [[first, start], [last, start + reach], [last, Math.max(start - reach, floor)]];
    clip.append(draw("path", { class: "cone", d: toArea(cone.map(([a, b]) => [x(a), y(b)])) }));
  }
  addAmounts(svg, clip, frame, right, bottom, range, metric.unit, y);
  if (metric.fit) {
    const band = [[first, ends[0].low], [last, ends[1].low], [last, ends[1].high], [first, ends[0].high]];
    clip.append(draw("path", { class: "band", d: toArea(band.map(([a, b]) => [x(a), y(b)])) }));
    clip.append(draw("path", { class: "fit", d: toPath([[first, ends[0].line], [last, ends[1].line]].map(([a, b]) => [x(a), y(b)])) }));
    svg.append(draw("text", { x: right - 4, y: Math.max(round(y(start + reach)) - 5, frame.top + 9), "text-anchor": "end" }, `margin ${metric.margin_said}`));
  }
  addDots(clip, metric.dots, (dot) => [x(dot.x), y(dot.y)]);
  addTicks(svg, bottom, ticksBetween(...edges, frame.width / 80).filter((tick) => tick >= 0), x, sayCompact);
  svg.append(draw("text", { x: right, y: bottom + 32, "text-anchor": "end" }, `${series.per}s so far`));
  svg.insertBefore(clip, svg.firstChild);
  return { svg, x, y, bottom, right };
};
