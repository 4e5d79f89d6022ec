const chart = document.getElementById("chart");
const path = document.getElementById("path");
const detail = document.getElementById("detail");
const search = document.getElementById("search");
const table = document.getElementById("rows");
const fileTable = document.getElementById("files");
const PAGE = 25; // rows of the file table, and as many more with each click
const state = { open: 0, at: 0, query: "", without: new Set(), shown: PAGE, files: { column: 2, sign: -1 } };
let data;

function readable(size) {
  return size >= 100000 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e3).toFixed(1)} kB`;
}

function counted(files) {
  return `${files.toLocaleString("en")} file${files === 1 ? "" : "s"}`;
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function listed(names) {
  return names.length > 6 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}

function measure() {
  return document.querySelector("input[name=values]:checked").value;
}

async function unpack() {
  const packed = Uint8Array.from(atob(document.getElementById("data").textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const found = JSON.parse(await new Response(stream).text());
  const { boxes } = found;
  boxes.inside = boxes.labels.map(() => []);
  boxes.parents.forEach((parent, box) => parent >= 0 && boxes.inside[parent].push(box));
  boxes.owner = boxes.parents.map(() => -1);
  boxes.inside[0].forEach((box, distribution) => { boxes.owner[box] = distribution; });
  boxes.parents.forEach((parent, box) => { if (parent > 0) boxes.owner[box] = boxes.owner[parent]; });
  boxes.where = boxes.labels.map(() => "");
  boxes.parents.forEach((parent, box) => {
    if (parent > 0) boxes.where[box] = boxes.where[parent] ? `${boxes.where[parent]}/${boxes.labels[box]}` : boxes.labels[box];
  });
  const reached = reach(found, found.direct, new Set());
  found.direct.push(...[...found.distributions.keys()].filter((row) => !reached.has(row))); // no requirement leads to them
  found.requiredBy = found.distributions.map(() => []);
  found.distributions.forEach((row, from) => row.requires.forEach((to) => found.requiredBy[to].push(from)));
  return found;
}

// --- what if without: distributions that nothing else leads to go with the hidden ones ---

function reach(graph, direct, without) {
  const reached = new Set(direct.filter((row) => !without.has(row)));
  for (const row of reached) { // a set is walked with what is added on the way
    graph.distributions[row].requires.forEach((needed) => without.has(needed) || reached.add(needed));
  }
  return reached;
}

function gone() {
  const reached = reach(data, data.direct, state.without);
  return new Set([...data.distributions.keys()].filter((row) => !reached.has(row)));
}

function tell(missing) {
  const names = (rows) => [...rows].map((row) => data.distributions[row].name);
  const rest = [...data.distributions.keys()].filter((row) => !missing.has(row));
  const sum = (key) => rest.reduce((total, row) => total + data.distributions[row][key], 0);
  const unzipped = sum("unzipped");
  const packed = [...missing].reduce((size, row) => size - data.distributions[row].packed, data.size);
  const needy = new Set([...state.without].flatMap((row) => data.requiredBy[row]).filter((row) => !missing.has(row)));
  const along = [...missing].filter((row) => !state.without.has(row));
  const parts = [
    `${readable(unzipped)} unzipped (${(100 * unzipped / data.limit).toFixed(1)} % of the limit), `
      + `${readable(packed)} zipped, ${counted(sum("files"))}.`,
    along.length ? `Only they need ${listed(names(along))}, which is hidden too.` : "",
    needy.size ? `Still required by ${listed(names(needy))}.` : "",
  ];
  document.getElementById("without").hidden = missing.size === 0;
  document.getElementById("without-names").textContent = `Without ${listed(names(state.without))}`;
  document.getElementById("without-sizes").textContent = parts.filter(Boolean).join(" ");
}

function apply() {
  const missing = gone();
  tell(missing);
  [...table.tBodies[0].rows].forEach((line) => {
    const row = Number(line.dataset.row);
    line.classList.toggle("gone", missing.has(row));
    const button = line.querySelector("button");
    button.setAttribute("aria-pressed", String(state.without.has(row)));
    button.textContent = state.without.has(row) ? "Show" : "Hide";
    button.disabled = missing.has(row) && !state.without.has(row);
  });
  document.querySelectorAll(".meter i").forEach((part, row) => { part.hidden = missing.has(row); });
  if (missing.has(data.boxes.owner[state.open])) state.open = 0;
  draw(missing);
  list(missing);
}

// --- search: names of distributions and paths ---

function matches(text) {
  return text.toLowerCase().includes(state.query);
}

function find() {
  state.query = search.value.trim().toLowerCase();
  state.shown = PAGE;
  const lines = [...table.tBodies[0].rows];
  const owners = new Set(data.files.owners.filter((_, file) => matches(data.files.paths[file])));
  lines.forEach((line) => {
    const row = Number(line.dataset.row);
    line.hidden = Boolean(state.query) && !matches(data.distributions[row].name) && !owners.has(row);
  });
  apply();
  const count = lines.filter((line) => !line.hidden).length;
  document.getElementById("found").textContent = state.query
    ? `${count} of ${lines.length} distributions, ${counted(chosen(gone()).length)}` : "";
}

function listen() {
  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => { if (event.key === "Escape") { search.value = ""; find(); } });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
    event.preventDefault();
    search.focus();
  });
  document.getElementById("all").addEventListener("click", () => { state.without.clear(); apply(); table.querySelector("tbody button").focus(); });
  document.getElementById("more").addEventListener("click", () => { state.shown += PAGE; list(); });
  document.querySelectorAll("input[name=values]").forEach((input) => input.addEventListener("change", () => draw()));
  chart.addEventListener("keydown", press);
  chart.addEventListener("click", (event) => {
    const found = event.target.closest(".box");
    if (found) go(Number(found.dataset.box), false);
  });
  for (const name of ["mouseover", "focusin", "click"]) {
    chart.addEventListener(name, (event) => { detail.textContent = event.target.closest(".box")?.dataset.words ?? detail.textContent; });
  }
  new ResizeObserver(() => draw()).observe(chart);
}

async function start() {
  data = await unpack();
  toggles();
  sortable(table, sortRows);
  sortable(fileTable, (column, sign) => { state.files = { column, sign }; list(); });
  document.querySelectorAll(".scripted").forEach((part) => { part.hidden = false; });
  listen();
  apply();
  chart.dataset.state = "drawn";
}

start().catch((error) => {
  chart.textContent = `The map could not be drawn (${error.message}). The table of distributions has the sizes.`;
  chart.dataset.state = "failed";
});
