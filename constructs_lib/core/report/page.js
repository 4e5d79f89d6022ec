"use strict";

const boxes = JSON.parse(document.getElementById("boxes").textContent);
const chart = document.getElementById("chart");
const dark = matchMedia("(prefers-color-scheme: dark)");

function readable(size) {
  return size >= 100000 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e3).toFixed(1)} kB`;
}

function measure() {
  return document.querySelector("input[name=values]:checked").value;
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function trace() {
  const values = boxes[measure()];
  const ids = boxes.labels.map((_, box) => String(box));
  const inks = boxes.parents.map((parent) => (parent < 0 ? color("ink") : "#ffffff"));
  return {
    type: "treemap", branchvalues: "total", sort: true, maxdepth: 4,
    ids, labels: boxes.labels, parents: boxes.parents.map((parent) => (parent < 0 ? "" : ids[parent])), values,
    text: values.map(readable),
    customdata: values.map((_, box) => [
      readable(boxes.unzipped[box]), (100 * boxes.unzipped[box] / boxes.limit).toFixed(2),
      readable(boxes.zipped[box]), boxes.files[box].toLocaleString("en"),
    ]),
    texttemplate: "%{label}<br>%{text}",
    hovertemplate: "<b>%{label}</b><br>%{customdata[0]} unzipped, %{customdata[1]} % of the limit<br>"
      + "%{customdata[2]} zipped<br>files: %{customdata[3]}<extra></extra>",
    textfont: { color: inks },
    marker: {
      colors: boxes.hues.map((hue) => (hue ? color(hue) : "")),
      line: { width: 1, color: "rgba(255, 255, 255, 0.28)" }, cornerradius: 3, pad: { t: 20, l: 3, r: 3, b: 3 },
      depthfade: true,
    },
    root: { color: "rgba(0, 0, 0, 0)" },
    pathbar: { thickness: 26, textfont: { color: inks, size: 13 } },
    tiling: { pad: 2 },
  };
}

function draw() {
  const layout = {
    margin: { t: 28, l: 0, r: 0, b: 0 }, paper_bgcolor: "rgba(0, 0, 0, 0)", uirevision: "kept",
    font: { family: getComputedStyle(document.body).fontFamily, size: 13 },
    uniformtext: { minsize: 10, mode: "hide" },
    hoverlabel: { bgcolor: color("raised"), bordercolor: color("line"), font: { color: color("ink"), size: 13 }, align: "left" },
  };
  return Plotly.react(chart, [trace()], layout, { displayModeBar: false, responsive: true });
}

async function start() {
  const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.append(script);
  chart.replaceChildren();
  await draw();
  document.querySelectorAll("input[name=values]").forEach((input) => input.addEventListener("change", draw));
  dark.addEventListener("change", draw);
  chart.dataset.state = "drawn";
}

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = head.classList.contains("number") ? "descending" : "ascending";
      const reverse = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? reverse : first;
      heads.forEach((cell) => cell.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const rows = [...table.tBodies[0].rows].sort(
        (left, right) => sign * key(left, column).localeCompare(key(right, column), "en", { numeric: true }),
      );
      table.tBodies[0].append(...rows);
    });
  });
}

sortable(document.getElementById("rows"));
start().catch((error) => {
  chart.textContent = `The chart could not be drawn (${error.message}). The table below has the sizes.`;
  chart.dataset.state = "failed";
});
