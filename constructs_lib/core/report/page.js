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
  found.requiredBy = found.distributions.map(() => []);
  found.distributions.forEach((row, from) => row.requires.forEach((to) => found.requiredBy[to].push(from)));
  return found;
}

// --- what if without: distributions that nothing else leads to go with the hidden ones ---

function gone() {
  const reached = new Set(data.direct.filter((row) => !state.without.has(row)));
  for (const row of reached) { // a set is walked with what is added on the way
    data.distributions[row].requires.forEach((needed) => state.without.has(needed) || reached.add(needed));
  }
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
      + `${readable(packed)} zipped, ${sum("files").toLocaleString("en")} files.`,
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
    ? `${count} of ${lines.length} distributions, ${chosen(gone()).length.toLocaleString("en")} files` : "";
}

function highlighted() {
  const { boxes } = data;
  if (!state.query) return null;
  const lit = boxes.labels.map((label, box) => box > 0 && matches(boxes.where[box] || label));
  boxes.parents.forEach((parent, box) => { lit[box] ||= parent > 0 && lit[parent]; });
  const inner = [...lit];
  for (let box = lit.length - 1; box > 0; box -= 1) inner[boxes.parents[box]] ||= inner[box];
  return inner;
}

// --- map ---

function draw(missing = gone()) {
  const { boxes, distributions } = data;
  const values = boxes[measure()];
  const lit = highlighted();
  const inside = (box) => boxes.inside[box].filter((inner) => !missing.has(boxes.owner[inner]));
  const words = (box) => `${boxes.where[box] || boxes.labels[box]}: ${readable(boxes.unzipped[box])} unzipped, `
    + `${(100 * boxes.unzipped[box] / data.limit).toFixed(2)} % of the limit, ${readable(boxes.zipped[box])} zipped, `
    + `${boxes.files[box].toLocaleString("en")} file${boxes.files[box] === 1 ? "" : "s"}`;
  const drawn = treemap.layout(state.open, chart.clientWidth, chart.clientHeight, (box) => values[box], inside);
  const first = drawn.filter((place) => place.level === 1);
  state.at = Math.min(state.at, Math.max(first.length - 1, 0));
  chart.replaceChildren(...drawn.map((place) => {
    const { box, level } = place;
    const row = boxes.owner[box];
    const made = element("div", { className: `box ${distributions[row].hue}` });
    made.classList.toggle("dim", lit !== null && !lit[box]);
    Object.assign(made.style, {
      left: `${place.x}px`, top: `${place.y}px`, width: `${place.width}px`, height: `${place.height}px`,
    });
    made.dataset.box = box;
    made.dataset.words = words(box);
    if (place.width > 34 && place.height > 16) {
      made.append(element("span", { className: "label" }, boxes.labels[box]));
      if (place.width > 90) made.append(element("span", { className: "size" }, readable(values[box])));
    }
    if (level === 1) {
      const position = first.indexOf(place);
      made.setAttribute("role", "treeitem");
      made.setAttribute("aria-label", words(box));
      made.setAttribute("aria-level", "1");
      made.setAttribute("aria-posinset", String(position + 1));
      made.setAttribute("aria-setsize", String(first.length));
      if (inside(box).length) made.setAttribute("aria-expanded", "false");
      made.tabIndex = position === state.at ? 0 : -1;
    } else {
      made.setAttribute("role", "presentation");
    }
    return made;
  }));
  steps();
}

function steps() {
  const { boxes } = data;
  const above = [];
  for (let box = state.open; box >= 0; box = boxes.parents[box]) above.unshift(box);
  path.replaceChildren(...above.map((box, position) => {
    const last = position === above.length - 1;
    const button = element("button", { type: "button", disabled: last }, boxes.labels[box]);
    if (last) button.setAttribute("aria-current", "location");
    button.addEventListener("click", () => go(box, true));
    return element("li", {}, button);
  }));
}

function go(box, focus) {
  if (data.boxes.inside[box].length === 0) return;
  const from = state.open;
  state.open = box;
  state.at = 0;
  draw();
  const items = [...chart.querySelectorAll("[role=treeitem]")];
  const back = items.findIndex((item) => Number(item.dataset.box) === from);
  if (focus) select(items, Math.max(back, 0));
}

function select(items, position) {
  if (!items.length) return;
  state.at = (position + items.length) % items.length;
  items.forEach((item, index) => { item.tabIndex = index === state.at ? 0 : -1; });
  items[state.at].focus();
}

function press(event) {
  const items = [...chart.querySelectorAll("[role=treeitem]")];
  const box = Number(event.target.dataset.box);
  const moves = {
    ArrowRight: state.at + 1, ArrowDown: state.at + 1, ArrowLeft: state.at - 1, ArrowUp: state.at - 1,
    Home: 0, End: items.length - 1,
  };
  if (event.key in moves) select(items, moves[event.key]);
  else if (event.key === "Enter" || event.key === " ") go(box, true);
  else if ((event.key === "Escape" || event.key === "Backspace") && state.open > 0) go(data.boxes.parents[state.open], true);
  else return;
  event.preventDefault();
}

// --- tables ---

function chosen(missing) {
  const { files, distributions } = data;
  return [...files.paths.keys()].filter((file) => !missing.has(files.owners[file])
    && (!state.query || matches(files.paths[file]) || matches(distributions[files.owners[file]].name)));
}

function list(missing = gone()) {
  const { files, distributions } = data;
  const value = [
    (file) => files.paths[file], (file) => distributions[files.owners[file]].name,
    (file) => files.unzipped[file], (file) => files.zipped[file],
  ][state.files.column];
  const order = (left, right) => (left < right ? -1 : left > right ? 1 : 0);
  const found = chosen(missing);
  found.sort((left, right) => state.files.sign * order(value(left), value(right)) || left - right);
  fileTable.tBodies[0].replaceChildren(...found.slice(0, state.shown).map((file) => element("tr", {},
    element("th", { scope: "row" }, files.paths[file]), element("td", {}, distributions[files.owners[file]].name),
    element("td", { className: "number" }, readable(files.unzipped[file])),
    element("td", { className: "number" }, readable(files.zipped[file])))));
  const more = document.getElementById("more");
  more.hidden = found.length <= state.shown;
  more.textContent = `Show ${Math.min(PAGE, found.length - state.shown)} more of ${found.length.toLocaleString("en")}`;
}

function sortable(sorted, sort) {
  const heads = [...sorted.tHead.rows[0].cells].filter((head) => !head.classList.contains("fixed"));
  heads.forEach((head) => {
    const button = element("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const start = head.classList.contains("number") ? "descending" : "ascending";
      const reverse = start === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === start ? reverse : start;
      heads.forEach((cell) => cell.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      sort(head.cellIndex, order === "ascending" ? 1 : -1);
    });
  });
}

function sortRows(column, sign) {
  const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const compare = (left, right) => sign * key(left).localeCompare(key(right), "en", { numeric: true });
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
}

function toggles() {
  table.tHead.rows[0].prepend(element("th", { scope: "col", className: "fixed" }, "What if"));
  [...table.tBodies[0].rows].forEach((line) => {
    const row = Number(line.dataset.row);
    const button = element("button", { type: "button", className: "toggle" }, "Hide");
    button.setAttribute("aria-label", `Hide ${data.distributions[row].name}`);
    button.addEventListener("click", () => {
      if (!state.without.delete(row)) state.without.add(row);
      apply();
    });
    line.prepend(element("td", {}, button));
  });
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
