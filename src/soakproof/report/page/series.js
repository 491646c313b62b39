// What is drawn, as Python wrote it into the page.
const written = document.getElementById("series");
const series = written ? JSON.parse(written.textContent) : null;
