// The flame graph of what stays: outermost frames on top, as wide as what they keep; a frame opens on its own.
const flames = document.getElementById("flames");

const FlameGraph = (box) => {
  const { whole, said, views } = JSON.parse(flames.textContent);
  const LEAST_PX = 2;
  const find = (name) => document.getElementById(`flame-${name}`);
  const [told, path, out] = ["told", "path", "out"].map(find);
  const state = { view: "line", opened: [] };
  const root = () => ({ name: "all that stays", said, bytes: whole, children: views[state.view] });
  const shown = () => state.opened.at(-1) ?? root();

  const say = (frame) => {
    told.textContent = `${frame.name}: ${frame.said}${frame.named ? " · named by the verdict" : ""}`;
  };

  const place = (frame, depth, left, width, parent) => {
    const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
    button.className = `frame ${frame.named ? "named" : (frame.origin ?? "whole")}`;
    button.style.cssText = `left: ${left}%; width: ${width}%; top: ${depth * 1.5}rem`;
    button.textContent = frame.name;
    button.setAttribute("aria-label", `${frame.name}: ${frame.said}`);
    Object.assign(button, { frame, above: parent, below: [] });
    box.append(button);
    parent?.below.push(button);
    let start = left;
    let deepest = depth;
    for (const child of frame.children ?? []) {
      const share = (child.bytes / frame.bytes) * width;
      if ((share / 100) * box.clientWidth >= LEAST_PX) deepest = Math.max(deepest, place(child, depth + 1, start, share, button));
      start += share;
    }
    return deepest;
  };

  const redraw = (hasFocus) => {
    box.replaceChildren();
    const depth = place(shown(), 0, 0, 100, null);
    box.style.height = `${(depth + 1) * 1.5}rem`;
    box.firstChild.tabIndex = 0;
    if (hasFocus) box.firstChild.focus();
    out.disabled = !state.opened.length;
    path.textContent = state.opened.map((frame) => frame.name).join(" > ");
    say(shown());
  };

  const open = (frame) => {
    if (frame === state.opened.at(-1) || frame.origin === undefined) return;
    state.opened.push(frame);
    redraw(true);
  };
  const close = () => {
    state.opened.pop();
    redraw(true);
  };

  const focus = (button) => {
    if (!button) return;
    for (const each of box.children) each.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
  };
  const beside = (button, by) => {
    const siblings = button.above?.below ?? [button];
    return siblings[siblings.indexOf(button) + by];
  };

  box.addEventListener("click", (event) => event.target.frame && open(event.target.frame));
  box.addEventListener("pointerover", (event) => event.target.frame && say(event.target.frame));
  box.addEventListener("focusin", (event) => event.target.frame && say(event.target.frame));
  box.addEventListener("keydown", (event) => {
    const at = event.target;
    const steps = {
      ArrowDown: () => focus(at.below[0]),
      ArrowUp: () => focus(at.above),
      ArrowRight: () => focus(beside(at, 1)),
      ArrowLeft: () => focus(beside(at, -1)),
      Backspace: () => state.opened.length && close(),
    };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    steps[event.key]();
  });
  out.addEventListener("click", close);
  for (const view of Object.keys(views)) {
    find(view).addEventListener("click", () => {
      Object.assign(state, { view, opened: [] });
      for (const each of Object.keys(views)) find(each).setAttribute("aria-pressed", each === view);
      redraw(false);
    });
  }
  addEventListener("resize", () => redraw(false));
  document.getElementById("flame-tools").hidden = false;
  redraw(false);
};
if (flames) FlameGraph(document.getElementById("flame-graph"));
