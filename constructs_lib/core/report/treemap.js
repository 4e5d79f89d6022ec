"use strict";

// A squarified treemap (Bruls, Huizing, van Wijk): each row of boxes is as near to squares as their sizes allow.
const treemap = {
  depth: 4, // levels that are drawn below the open box
  head: 22, // pixels of the label above inner boxes
  gap: 2,
};

treemap.rows = function (items, x, y, width, height) {
  const total = items.reduce((sum, item) => sum + item.size, 0);
  const scale = total > 0 ? (width * height) / total : 0;
  const places = [];
  let first = 0;
  while (first < items.length) {
    const side = Math.max(Math.min(width, height), 1e-9);
    const worst = (sum, most, least) => Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least));
    let last = first + 1;
    let sum = items[first].size * scale;
    while (last < items.length) {
      const area = items[last].size * scale;
      const most = items[first].size * scale;
      if (worst(sum + area, most, area) > worst(sum, most, items[last - 1].size * scale)) break;
      sum += area;
      last += 1;
    }
    const thickness = sum / side;
    let offset = 0;
    for (const item of items.slice(first, last)) {
      const length = sum > 0 ? (item.size * scale * side) / sum : 0;
      places.push(width >= height
        ? { box: item.box, x, y: y + offset, width: thickness, height: length }
        : { box: item.box, x: x + offset, y, width: length, height: thickness });
      offset += length;
    }
    if (width >= height) { x += thickness; width -= thickness; } else { y += thickness; height -= thickness; }
    first = last;
  }
  return places;
};

// All boxes to draw, the outer before the inner; `size` gives the area of a box, `inside` its inner boxes.
treemap.layout = function (root, width, height, size, inside) {
  const drawn = [];
  const waiting = [{ box: root, x: 0, y: 0, width, height, level: 0 }];
  while (waiting.length) {
    const outer = waiting.shift();
    if (outer.level === treemap.depth) continue;
    const head = outer.level === 0 ? 0 : treemap.head;
    const pad = outer.level === 0 ? 0 : 3;
    const [room, fall] = [outer.width - 2 * pad, outer.height - head - pad];
    if (room < 12 || fall < 12) continue;
    const items = inside(outer.box).map((box) => ({ box, size: size(box) })).filter((item) => item.size > 0);
    items.sort((left, right) => right.size - left.size);
    for (const place of treemap.rows(items, outer.x + pad, outer.y + head, room, fall)) {
      const shown = { ...place, level: outer.level + 1, width: place.width - treemap.gap, height: place.height - treemap.gap };
      if (shown.width < 2 || shown.height < 2) continue;
      drawn.push(shown);
      waiting.push(shown);
    }
  }
  return drawn;
};
