// The large chart: a metric's readings with a cursor, a zoom, and its rest points against connections.
const large = document.getElementById("large");

const LargeChart = (dialog, list) => {
  const find = (name) => dialog.querySelector(`[data-part="${name}"]`);
  const [time, growth, told, toldGrowth] = ["time", "growth", "told", "told-growth"].map(find);
  const state = { at: 0, from: 0, to: series.end, place: null, drawn: null, grown: null, dragged: null };
  const metric = () => series.metrics[state.at];
  const marker = draw("path", { class: "cursor" });
  const selection = draw("rect", { class: "selection" });

  const places = () => {
    const { points, dots } = pointsOf(metric());
    const readings = points.map(([t, value]) => ({ t, value }));
    const rests = dots.map((dot) => ({ t: dot.t, value: dot.y, dot }));
    return [...readings, ...rests].filter(({ t }) => t >= state.from && t <= state.to).sort((a, b) => a.t - b.t);
  };

  const say = ({ t, value, dot }) => {
    const kind = dot ? ` · at rest, ${dot.isJudged ? "judged" : "not judged"}` : "";
    const connections = `${sayNumber(Math.round(dot ? dot.x : connectionsAt(t)), 0)} ${series.per}s`;
    return `${sayTime(t, series.end)} · ${phaseAt(t)} · ${connections} · ${sayWithUnit(value, metric().unit)}${kind}`;
  };

  const showCursor = () => {
    if (!state.place) return;
    const { x, y, bottom, svg } = state.drawn;
    marker.setAttribute("d", `M${round(x(state.place.t))} 20V${bottom}M${round(x(state.place.t))} ${round(y(state.place.value))}h0`);
    svg.append(marker);
    told.textContent = say(state.place);
    time.setAttribute("aria-valuenow", state.place.t);
    time.setAttribute("aria-valuetext", told.textContent);
  };

  const frameOf = (box, height) => ({ width: Math.max(box.clientWidth, 240), height, left: 62, right: 14, top: 22, bottom: 40 });

  const redraw = () => {
    state.drawn = drawOverTime(metric(), frameOf(time, 300), state.from, state.to);
    time.replaceChildren(state.drawn.svg);
    state.grown = drawGrowth(metric(), frameOf(growth, 240));
    growth.replaceChildren(state.grown.svg);
    time.setAttribute("aria-valuemin", state.from);
    time.setAttribute("aria-valuemax", state.to);
    const isWhole = state.from === 0 && state.to === series.end;
    find("range").textContent = isWhole ? "the whole run" : `${sayTime(state.from, series.end)} to ${sayTime(state.to, series.end)}`;
    find("out").disabled = find("whole").disabled = isWhole;
    showCursor();
  };

  const zoomTo = (from, to) => {
    const length = Math.min(Math.max(to - from, series.end / 500), series.end);
    state.from = Math.min(Math.max(from, 0), series.end - length);
    state.to = state.from + length;
    if (state.place && (state.place.t < state.from || state.place.t > state.to)) state.place = null;
    redraw();
  };

  const zoomBy = (factor) => {
    const middle = state.place ? state.place.t : (state.from + state.to) / 2;
    zoomTo(middle - (middle - state.from) * factor, middle + (state.to - middle) * factor);
  };

  const nearest = (time_) => places().reduce((best, place) => (!best || Math.abs(place.t - time_) <= Math.abs(best.t - time_) ? place : best), null);

  const move = (steps) => {
    const all = places();
    if (!all.length) return;
    const isPlace = (each) => each.t === state.place?.t && Boolean(each.dot) === Boolean(state.place.dot);
    const at = all.findIndex(isPlace);
    const start = at < 0 && steps < 0 ? all.length : at; // the first step goes to the first, or back to the last
    state.place = all[Math.min(Math.max(start + steps, 0), all.length - 1)];
    showCursor();
  };

  const fillTable = () => {
    const rows = pointsOf(metric()).dots.map((dot) => {
      const cells = [sayTime(dot.t, series.end), phaseAt(dot.t), sayNumber(dot.x, 0), sayAmount(dot.y, metric().unit), dot.isJudged ? "yes" : "no"];
      const row = document.createElement("tr");
      row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      return row;
    });
    find("rows").replaceChildren(...rows);
  };

  const show = (at) => {
    const card = list.cardOf(at);
    Object.assign(state, { at, from: 0, to: series.end, place: null });
    dialog.dataset.verdict = card.dataset.verdict;
    dialog.className = card.querySelector(".mark").className.replace("mark", "large");
    find("name").replaceChildren(card.querySelector("h3 code").cloneNode(true));
    find("figures").replaceChildren(...[...card.querySelector(".figures").childNodes].map((node) => node.cloneNode(true)));
    find("reason").textContent = metric().reason;
    time.setAttribute("aria-label", `${card.dataset.name} over time; arrow keys move the cursor, plus and minus zoom`);
    growth.setAttribute("aria-label", `${card.dataset.name} at rest against ${series.per}s: ${metric().reason}`);
    told.textContent = "Move over the chart, or use the arrow keys; drag to zoom.";
    toldGrowth.textContent = "";
    time.setAttribute("aria-valuenow", 0);
    time.setAttribute("aria-valuetext", "no moment chosen");
    const shown = list.shown();
    find("previous").disabled = shown.indexOf(at) <= 0;
    find("next").disabled = shown.indexOf(at) === shown.length - 1;
    fillTable();
    if (!dialog.open) dialog.showModal();
    redraw();
  };

  const step = (by) => show(list.shown()[list.shown().indexOf(state.at) + by]);
  const close = () => {
    dialog.close();
    list.focus(state.at);
  };

  const timeAt = (event) => {
    const frame = frameOf(time, 300);
    const share = (event.clientX - time.getBoundingClientRect().left - frame.left) / (frame.width - frame.left - frame.right);
    return state.from + Math.min(Math.max(share, 0), 1) * (state.to - state.from);
  };
  const select = (now) => {
    const [left, right] = [state.drawn.x(Math.min(state.dragged, now)), state.drawn.x(Math.max(state.dragged, now))];
    Object.entries({ x: left, y: 22, width: right - left, height: state.drawn.bottom - 22 }).forEach(([key, value]) => selection.setAttribute(key, value));
    state.drawn.svg.append(selection);
  };
  time.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    state.dragged = timeAt(event);
    time.setPointerCapture(event.pointerId);
  });
  time.addEventListener("pointermove", (event) => {
    state.place = nearest(timeAt(event));
    showCursor();
    if (state.dragged !== null) select(timeAt(event));
  });
  time.addEventListener("pointerup", (event) => {
    const [from, to] = [state.dragged, timeAt(event)].sort((a, b) => a - b);
    state.dragged = null;
    selection.remove();
    if (to - from > (state.to - state.from) / 50) zoomTo(from, to);
  });
  time.addEventListener("pointercancel", () => {
    state.dragged = null;
    selection.remove();
  });
  time.addEventListener("dblclick", () => zoomTo(0, series.end));
  time.addEventListener("keydown", (event) => {
    const actions = {
      ArrowRight: () => move(1),
      ArrowLeft: () => move(-1),
      PageUp: () => move(10),
      PageDown: () => move(-10),
      Home: () => move(-Infinity),
      End: () => move(Infinity),
      "+": () => zoomBy(0.5),
      "-": () => zoomBy(2),
      0: () => zoomTo(0, series.end),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  });
  growth.addEventListener("pointermove", (event) => {
    const left = event.clientX - growth.getBoundingClientRect().left;
    const { dots } = pointsOf(metric());
    const closest = dots.reduce((best, dot) => (!best || Math.abs(state.grown.x(dot.x) - left) < Math.abs(state.grown.x(best.x) - left) ? dot : best), null);
    toldGrowth.textContent = closest ? say({ t: closest.t, value: closest.y, dot: closest }) : "";
  });
  const buttons = { in: () => zoomBy(0.5), out: () => zoomBy(2), whole: () => zoomTo(0, series.end), previous: () => step(-1), next: () => step(1), close };
  for (const [name, act] of Object.entries(buttons)) find(name).addEventListener("click", act);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  addEventListener("resize", () => dialog.open && redraw());
  return { show };
};
