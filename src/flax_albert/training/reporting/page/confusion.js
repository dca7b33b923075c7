// What was taken for what: a table of numbers for few labels, a picture for many, and the same as lists.

const MOST_IN_A_TABLE = 16;
const CELL = 12;
const evaluationName = (found) => `${found.name}, step ${whole(found.step)}${found.kept ? " (kept)" : ""}`;

function buildConfusion() {
  const choices = run.details.filter((found) => found.confusion);
  if (!choices.length) return;
  find("confusion").hidden = false;
  choices.forEach((found, index) => find("matrix-of").append(make("option", { value: index, textContent: evaluationName(found) })));
  const kept = Math.max(0, choices.findIndex((found) => found.kept));
  find("matrix-of").value = kept;
  find("matrix-of").addEventListener("change", (event) => showConfusion(choices[Number(event.target.value)]));
  showConfusion(choices[kept]);
}

function showConfusion(found) {
  const { labels, counts } = found.confusion;
  const names = labels.map(visible);
  const rows = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = labels.map((_, column) => counts.reduce((sum, row) => sum + row[column], 0));
  const share = (row, column) => (rows[row] ? counts[row][column] / rows[row] : 0);
  const say = (row, column) => {
    if (row === null) find("said").textContent = "";
    else find("said").replaceChildren(make("b", {}, make("bdi", {}, names[row])), row === column ? " found" : " taken for ",
      ...(row === column ? [] : [make("b", {}, make("bdi", {}, names[column]))]), `: ${whole(counts[row][column])} of ${whole(rows[row])}, ${percent(share(row, column))}`);
  };
  const choose = (row, column) => { say(row, column); if (labelled) showPair(found, labels[row], labels[column]); };
  const labelled = found.samples.some((sample) => labels.includes(sample.expected)); // or they are of something else
  const drawn = labels.length <= MOST_IN_A_TABLE ? tableOf : pictureOf;
  find("matrix-place").replaceChildren(drawn({ names, counts, share, say, choose }));
  say(null);

  const mistakes = counts.flatMap((row, from) => row.map((count, to) => ({ from, to, count })))
    .filter(({ from, to, count }) => from !== to && count > 0).sort((one, other) => other.count - one.count).slice(0, 30);
  find("mistakes").replaceChildren(listOf(["right", "taken for", "times", "of its row"], mistakes.map(({ from, to, count }) => ({
    cells: [names[from], names[to], whole(count), percent(share(from, to))],
    chosen: () => choose(from, to),
  }))));
  if (!mistakes.length) find("mistakes").textContent = "There are none.";
  const judged = labels.map((_, label) => {
    const [right, precision, recall] = [counts[label][label], counts[label][label] / columns[label], counts[label][label] / rows[label]];
    return [names[label], rows[label], precision, recall, (2 * right) / (rows[label] + columns[label])];
  });
  showLabels(judged, 4, false);
}

function showLabels(judged, column, falling) {
  const order = [...judged].sort((one, other) => {
    const [left, right] = [one[column], other[column]];
    const difference = typeof left === "string" ? left.localeCompare(right) : (Number.isNaN(left) ? -1 : left) - (Number.isNaN(right) ? -1 : right);
    return falling ? -difference : difference;
  });
  const table = listOf(["label", "examples", "precision", "recall", "F1"], order.map((cells) => ({
    cells: cells.map((value, place) => (place === 0 ? value : place === 1 ? whole(value) : Number.isNaN(value) ? "–" : value.toFixed(3))),
  })), 1);
  [...table.tHead.rows[0].cells].forEach((cell, place) => {
    const button = make("button", { type: "button", textContent: `${cell.textContent}${place === column ? (falling ? " ↓" : " ↑") : ""}` });
    button.addEventListener("click", () => showLabels(judged, place, place === column ? !falling : place === 1));
    cell.ariaSort = place === column ? (falling ? "descending" : "ascending") : "none";
    cell.replaceChildren(button);
  });
  find("labels").replaceChildren(table);
}

function listOf(heads, rows, firstNumber = 2) {
  const kind = (place) => (place >= firstNumber ? "number" : "");
  const body = rows.map(({ cells, chosen }) => {
    const row = make("tr", {}, ...cells.map((cell, place) => make("td", { className: kind(place) }, make("bdi", {}, cell))));
    if (chosen) {
      row.tabIndex = 0;
      row.addEventListener("click", chosen);
      row.addEventListener("keydown", (event) => { if (event.key === "Enter") chosen(); });
    }
    return row;
  });
  return make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head, place) => make("th", { scope: "col", className: kind(place), textContent: head })))),
    make("tbody", {}, ...body));
}

function tableOf({ names, counts, share, say, choose }) {
  const corner = make("th", { className: "corner", textContent: "right \\ says" });
  const head = make("tr", {}, corner, ...names.map((name) => make("th", { scope: "col", title: name }, make("bdi", {}, name))));
  const body = names.map((name, row) => make("tr", {}, make("th", { scope: "row", title: name }, make("bdi", {}, name)),
    ...counts[row].map((count, column) => {
      const cell = make("td", {}, whole(count), make("small", { textContent: count ? percent(share(row, column)) : "" }));
      const shade = share(row, column);
      cell.style.backgroundColor = `rgba(var(--shade), ${count ? 0.08 + 0.85 * shade : 0})`;
      if (shade > 0.5) cell.style.color = "var(--page)";
      cell.tabIndex = 0;
      cell.addEventListener("pointerenter", () => say(row, column));
      cell.addEventListener("focus", () => say(row, column));
      cell.addEventListener("click", () => choose(row, column));
      cell.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(row, column); });
      return cell;
    })));
  const long = names.length > 4 && names.some((name) => name.length > 6);
  return make("div", { className: `matrix${long ? " many" : ""}` }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}

function pictureOf({ names, counts, share, say, choose }) {
  const size = names.length;
  const canvas = make("canvas", { width: size * CELL, height: size * CELL });
  const marked = make("span", { className: "marked", hidden: true });
  const cells = make("div", { className: "cells" }, canvas, marked);
  const [columns, rows] = ["columns", "rows"].map((axis) => make("div", { className: axis }, ...names.map((name) => make("span", { title: name }, make("bdi", {}, name)))));
  const grid = make("div", { className: "grid" }, make("div", { className: "corner" }), columns, rows, cells);
  const place = make("div", { className: "matrix", tabIndex: 0 }, grid);
  place.setAttribute("role", "application");
  place.setAttribute("aria-label", "Confusion matrix: arrow keys move the cell");

  const paint = () => {
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    context.fillStyle = style.getPropertyValue("--card");
    context.fillRect(0, 0, canvas.width, canvas.height);
    counts.forEach((row, from) => row.forEach((count, to) => {
      if (!count) return;
      context.fillStyle = `rgba(${style.getPropertyValue("--shade")}, ${0.12 + 0.88 * Math.sqrt(share(from, to))})`;
      context.fillRect(to * CELL, from * CELL, CELL - 1, CELL - 1);
    }));
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  paint();

  let cell = null;
  const move = (next) => {
    if (cell) [rows.children[cell[0]], columns.children[cell[1]]].forEach((label) => label.classList.remove("on"));
    cell = next;
    marked.hidden = cell === null;
    say(...(cell ?? [null, null]));
    if (cell === null) return;
    [rows.children[cell[0]], columns.children[cell[1]]].forEach((label) => label.classList.add("on"));
    marked.style.top = `${cell[0] * CELL}px`;
    marked.style.left = `${cell[1] * CELL}px`;
  };
  const under = (event) => {
    const edge = canvas.getBoundingClientRect();
    const at = (offset) => Math.max(0, Math.min(size - 1, Math.floor(offset / CELL)));
    return [at(event.clientY - edge.top), at(event.clientX - edge.left)];
  };
  cells.addEventListener("pointermove", (event) => move(under(event)));
  cells.addEventListener("click", (event) => { move(under(event)); choose(...cell); });
  place.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [0, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = cell ?? [0, 0];
    move([row + step[0], column + step[1]].map((at) => Math.max(0, Math.min(size - 1, at))));
    marked.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (event.key === "Enter") choose(...cell);
  });
  return place;
}
