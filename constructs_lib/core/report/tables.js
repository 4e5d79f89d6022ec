// The two tables: rows of distributions from the page, rows of files from its data.

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
