// All metrics as cards with small charts: sorted, filtered, and opened large.
const FIRST_SHOWN = 24;
const grid = document.getElementById("cards");

const CardList = (list) => {
  const cards = [...list.children];
  const find = (id) => document.getElementById(id);
  const [text, verdict, kind, order, count, more] = ["text", "verdict", "kind", "order", "count", "more"].map((name) => find(`cards-${name}`));
  let isAllShown = false;
  let matching = cards;

  const compare = {
    judged: () => 0,
    growth: (a, b) => Number(b.dataset.growth) - Number(a.dataset.growth),
    name: (a, b) => a.dataset.name.localeCompare(b.dataset.name, "en", { numeric: true }),
    kind: (a, b) => a.dataset.kind.localeCompare(b.dataset.kind),
    verdict: (a, b) => Number(a.dataset.rank) - Number(b.dataset.rank),
  };
  const shown = () => (isAllShown ? matching : matching.slice(0, FIRST_SHOWN));

  const drawSmall = (card) => {
    const box = card.querySelector(".small");
    if (!box.firstChild) box.append(drawOverTime(series.metrics[card.dataset.at], SMALL_FRAME).svg);
  };

  const update = () => {
    const words = text.value.toLowerCase().split(/\s+/);
    const isMatching = (card) =>
      words.every((word) => card.dataset.words.includes(word)) &&
      (!verdict.value || card.dataset.verdict === verdict.value) &&
      (!kind.value || card.dataset.kind === kind.value);
    matching = cards.filter(isMatching).sort(compare[order.value]);
    const seen = new Set(shown());
    for (const card of cards) {
      card.hidden = !matching.includes(card);
      card.classList.toggle("beyond", !card.hidden && !seen.has(card));
    }
    list.append(...matching);
    seen.forEach(drawSmall);
    const all = matching.length === cards.length ? `${cards.length} metrics` : `${matching.length} of ${cards.length} metrics`;
    count.value = seen.size < matching.length ? `${all}, the first ${seen.size} shown` : all;
    more.hidden = seen.size === matching.length;
    more.textContent = `Show all ${matching.length}`;
  };

  const api = {
    shown: () => shown().map((card) => Number(card.dataset.at)),
    cardOf: (at) => cards[at],
    focus: (at) => cards[at].querySelector("button").focus(),
  };
  const opened = LargeChart(large, api);
  for (const card of cards) {
    card.dataset.words = `${card.dataset.kind} ${card.dataset.name}`.toLowerCase();
    const heading = card.querySelector("h3");
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.setAttribute("aria-haspopup", "dialog");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => opened.show(Number(card.dataset.at)));
  }
  text.addEventListener("input", update);
  for (const choice of [verdict, kind, order]) choice.addEventListener("change", update);
  text.form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    const first = shown().length;
    isAllShown = true;
    update();
    matching[first].querySelector("button").focus();
  });
  addEventListener("beforeprint", () => matching.forEach(drawSmall));
  text.form.hidden = false;
  update();
};
if (grid) CardList(grid);
