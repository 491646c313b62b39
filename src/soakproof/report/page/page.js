// The table of findings: sorted by its headings, filtered by text and verdict.
const table = document.getElementById("findings-table");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const text = document.getElementById("filter-text");
  const verdict = document.getElementById("filter-verdict");
  const count = document.getElementById("filter-count");

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const content = row.textContent.toLowerCase();
      const isShown = words.every((word) => content.includes(word)) && (!verdict.value || row.dataset.verdict === verdict.value);
      row.hidden = !isShown;
      shown += isShown;
    }
    count.value = shown === rows.length ? `${rows.length} metrics` : `${shown} of ${rows.length} metrics`;
  };
  text.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  text.form.addEventListener("submit", (event) => event.preventDefault());

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.value);
  };
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const heading = button.parentElement;
    const direction = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", direction);
    const column = Number(button.dataset.column);
    const sign = direction === "ascending" ? 1 : -1;
    rows.sort((a, b) => sign * compare(valueOf(a, column), valueOf(b, column)));
    body.append(...rows);
  });
  filter();
}

// What scrolls must be reachable by keyboard; what does not must not be a stop on the way.
const regions = [...document.querySelectorAll(".scroll")];
const markScrollable = () => {
  for (const region of regions) {
    const isScrollable = region.scrollWidth > region.clientWidth + 1 || region.scrollHeight > region.clientHeight + 1;
    region.toggleAttribute("tabindex", isScrollable);
    if (isScrollable) region.tabIndex = 0;
    if (isScrollable) region.setAttribute("role", "region");
    else region.removeAttribute("role");
  }
};
markScrollable();
addEventListener("resize", markScrollable);
