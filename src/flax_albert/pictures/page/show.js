// What changes with the head, the token or the cell that is chosen.

let waiting = new Set();

function later(task) {
  if (!waiting.size) {
    requestAnimationFrame(() => {
      const tasks = waiting;
      waiting = new Set();
      tasks.forEach((each) => each());
    });
  }
  waiting.add(task);
}

function showHead() {
  const { layer, head } = state;
  find("layer").value = layer;
  find("head").value = head;
  find("chosen-title").textContent = `Layer ${layers[layer]}, head ${heads[head]}`;
  cellsOfGrid.forEach((button, index) => {
    const checked = index === layer * heads.length + head;
    button.setAttribute("aria-checked", checked);
    button.tabIndex = checked ? 0 : -1;
  });
  paint(find("map"), layer, head, count);
  const most = (scaleOf(layer, head) / top) ** 2;
  find("ticks").replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((share) =>
    make("span", { textContent: (most * share * share).toFixed(share && most * share * share < 0.01 ? 4 : 2) })));
  later(showToken);
}

function showToken() {
  const token = state.over ?? state.token;
  const weights = tokens.map((_, other) => (state.from ? weight(other, token) : weight(token, other)));
  const scale = 255 / (scaleOf(state.layer, state.head) / top);
  chips.forEach((chip, index) => {
    const out = state.without && around[index];
    const shade = out ? 0 : Math.min(255, Math.round(Math.sqrt(weights[index]) * scale));
    chip.firstChild.style.backgroundColor = `rgb(${shades[shade].join(" ")})`;
    chip.firstChild.style.color = inks[shade];
    chip.lastChild.textContent = short(weights[index]);
    chip.classList.toggle("left-out", out);
    chip.setAttribute("aria-checked", index === token);
    chip.setAttribute("aria-label", `${names[index]}, ${number(weights[index])}`);
    chip.tabIndex = index === state.token ? 0 : -1;
  });
  const listed = tokens.map((_, index) => index).filter((index) => !(state.without && around[index]));
  listed.sort((one, other) => weights[other] - weights[one] || one - other);
  showSaid(token, weights, listed);
  showNumbers(token, weights, listed);
  showCross(token);
}

const bold = (index) => make("b", {}, named(index));

function showSaid(token, weights, listed) {
  const said = find("said");
  if (state.cell) {
    const [from, to] = state.cell;
    said.replaceChildren(bold(from), " → ", bold(to), `  ${number(weight(from, to))}`);
    return;
  }
  const most = listed.slice(0, 3).flatMap((index, place) =>
    [place ? ", " : "", bold(index), ` ${number(weights[index])}`]);
  said.replaceChildren(bold(token), state.from ? " is attended by " : " attends to ", ...most,
    listed.length > 3 ? " …" : "");
}

function showNumbers(token, weights, listed) {
  find("numbers-title").replaceChildren(state.from ? "What attends to " : "What ", bold(token),
    state.from ? "" : " attends to");
  const most = Math.max(...listed.map((index) => weights[index]), 1e-9);
  find("numbers").querySelector("tbody").replaceChildren(...listed.map((index) => make("tr", {},
    make("td", { className: "place", textContent: index }),
    make("td", { title: names[index] }, named(index)),
    make("td", { className: "weight", textContent: number(weights[index]) }),
    make("td", { ariaHidden: "true" }, make("progress", { max: 1, value: weights[index] / most })))));
}

function showCross(token) {
  const [from, to] = state.cell ?? (state.from ? [null, token] : [token, null]);
  const size = Number(find("size").value);
  const move = (id, hidden, row, column) => {
    find(id).hidden = hidden;
    find(id).style.transform = `translate(${(column ?? 0) * size}px, ${(row ?? 0) * size}px)`;
  };
  move("cross-row", from === null, from, 0);
  move("cross-column", to === null, 0, to);
  move("cell", from === null || to === null, from, to);
  labels.rows.forEach((label, index) => label.classList.toggle("on", index === from));
  labels.columns.forEach((label, index) => label.classList.toggle("on", index === to));
}

function showScale() {
  const canvas = find("scale");
  const context = canvas.getContext("2d");
  const picture = context.createImageData(256, 1);
  new Uint32Array(picture.data.buffer).set(pixels);
  context.putImageData(picture, 0, 0);
}

function showAll() {
  mixColours();
  showScale();
  paintGrid();
  showHead();
}
