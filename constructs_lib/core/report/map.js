// The map: its boxes as elements, the path above them, and the keyboard.

function highlighted() {
  const { boxes } = data;
  if (!state.query) return null;
  const lit = boxes.labels.map((label, box) => box > 0 && matches(boxes.where[box] || label));
  boxes.parents.forEach((parent, box) => { lit[box] ||= parent > 0 && lit[parent]; });
  const inner = [...lit];
  for (let box = lit.length - 1; box > 0; box -= 1) inner[boxes.parents[box]] ||= inner[box];
  return inner;
}

function draw(missing = gone()) {
  const { boxes, distributions } = data;
  const values = boxes[measure()];
  const lit = highlighted();
  const inside = (box) => boxes.inside[box].filter((inner) => !missing.has(boxes.owner[inner]));
  const words = (box) => `${boxes.where[box] || boxes.labels[box]}: ${readable(boxes.unzipped[box])} unzipped, `
    + `${(100 * boxes.unzipped[box] / data.limit).toFixed(2)} % of the limit, ${readable(boxes.zipped[box])} zipped, `
    + counted(boxes.files[box]);
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
