"use strict";
(async () => {
const find = (id) => document.getElementById(id);
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// ------------------------------------------------------------------------------------------------------ what is shown

const { tokens, texts, layers, heads, bits, light, dark } = JSON.parse(find("maps").textContent);
const count = tokens.length;
const top = 2 ** bits - 1;

async function inflated() {
  if (!("DecompressionStream" in window)) throw new Error("This page needs a browser of 2023 or later.");
  const text = atob(find("weights").textContent);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  const numbers = bits === 16 ? new Uint16Array(buffer) : new Uint8Array(buffer);
  if (numbers.length !== layers.length * heads.length * count * count) throw new Error("The page is damaged.");
  return numbers;
}

let roots; // square roots of the probabilities, times `top`: layers, heads, from, to
try {
  roots = await inflated();
} catch (error) {
  find("problem").textContent = String(error.message ?? error);
  return;
}

const base = (layer, head) => (layer * heads.length + head) * count * count;
const weight = (from, to) => (roots[base(state.layer, state.head) + from * count + to] / top) ** 2;
const around = texts.map((text) => text === null);
const state = { layer: 0, head: 0, token: Math.max(0, around.indexOf(false)), over: null, cell: null, from: false,
  without: false, shared: false };

const strange = /[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069\ufeff]/gu; // not seen, or disturbing their surroundings
const visible = (text) => text.replace(strange, (sign) => `U+${sign.codePointAt(0).toString(16).padStart(4, "0")}`);
const names = tokens.map(visible);
// A token as it is, the sign for a space before it faint.
const named = (index) => {
  const space = names[index].length > 1 && names[index].startsWith("▁");
  return make("bdi", {}, ...(space ? [make("span", { className: "boundary", textContent: "▁" })] : []),
    space ? names[index].slice(1) : names[index]);
};
const decimals = bits === 16 ? 4 : 3;
const number = (value) => value.toFixed(decimals);
const short = (value) => (value < 0.005 ? "·" : value >= 0.995 ? "1.0" : value.toFixed(2).slice(1));

// ------------------------------------------------------------------------------------------------------------ colours

const darkness = matchMedia("(prefers-color-scheme: dark)");
let shades, pixels, inks; // 256 colours from no weight to the strongest: red, green, blue; as a pixel; what reads on it

function mixColours() {
  const stops = (darkness.matches ? dark : light).map((stop) =>
    [1, 3, 5].map((place) => parseInt(stop.slice(place, place + 2), 16)));
  shades = Array.from({ length: 256 }, (_, shade) => {
    const place = (shade / 255) * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    return stops[left].map((channel, index) => Math.round(channel + (stops[left + 1][index] - channel) * (place - left)));
  });
  pixels = new Uint32Array(new Uint8ClampedArray(shades.flatMap((shade) => [...shade, 255])).buffer);
  const linear = (channel) => (channel <= 10 ? channel / 3294 : ((channel / 255 + 0.055) / 1.055) ** 2.4);
  inks = shades.map(([red, green, blue]) =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) > 0.18 ? "#0b1016" : "#ffffff");
}

const strongest = new Map(); // by head and by what is left out

function strongestOf(layer, head) {
  const key = `${layer} ${head} ${state.without}`;
  if (!strongest.has(key)) {
    const start = base(layer, head);
    let most = 1;
    for (let from = 0; from < count; from++) {
      if (state.without && around[from]) continue;
      for (let to = 0; to < count; to++) {
        if (state.without && around[to]) continue;
        most = Math.max(most, roots[start + from * count + to]);
      }
    }
    strongest.set(key, most);
  }
  return strongest.get(key);
}

function scaleOf(layer, head) {
  if (!state.shared) return strongestOf(layer, head);
  let most = 1;
  layers.forEach((_, other) => heads.forEach((_, another) => { most = Math.max(most, strongestOf(other, another)); }));
  return most;
}

// One head on a canvas of `size` x `size` pixels; where a pixel stands for several weights it shows the strongest.
function paint(canvas, layer, head, size) {
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(size, size);
  const drawn = new Uint32Array(picture.data.buffer);
  const seen = new Uint16Array(size * size);
  const start = base(layer, head);
  const place = Uint32Array.from({ length: count }, (_, token) => Math.floor((token * size) / count));
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      if (state.without && (around[from] || around[to])) continue;
      const pixel = place[from] * size + place[to];
      seen[pixel] = Math.max(seen[pixel], roots[start + from * count + to]);
    }
  }
  const scale = 255 / scaleOf(layer, head);
  for (let pixel = 0; pixel < seen.length; pixel++) drawn[pixel] = pixels[Math.min(255, Math.round(seen[pixel] * scale))];
  context.putImageData(picture, 0, 0);
}

// ---------------------------------------------------------------------------------------------------------- all heads

const cellsOfGrid = [];
const thumbnail = Math.min(count, 96);

function buildGrid() {
  const grid = find("grid");
  const smallest = heads.length > 16 ? 18 : 26;
  grid.style.gridTemplateColumns = `max-content repeat(${heads.length}, minmax(${smallest}px, 92px))`;
  grid.style.minWidth = `${heads.length * (smallest + 3) + 30}px`;
  grid.append(make("span"), ...heads.map((head) => make("span", { textContent: head })));
  layers.forEach((layer, row) => {
    grid.append(make("span", { className: "layer", textContent: layer }));
    heads.forEach((head, column) => {
      const button = make("button", { type: "button", title: `layer ${layer}, head ${head}` }, make("canvas"));
      button.setAttribute("role", "radio");
      button.setAttribute("aria-label", button.title);
      button.addEventListener("click", () => choose(row, column));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
        if (!step) return;
        event.preventDefault();
        const clamp = (value, length) => Math.max(0, Math.min(length - 1, value));
        choose(clamp(row + step[0], layers.length), clamp(column + step[1], heads.length));
        cellsOfGrid[state.layer * heads.length + state.head].focus();
      });
      cellsOfGrid.push(button);
      grid.append(button);
    });
  });
}

let painting = 0;

function paintGrid() {
  const turn = ++painting;
  const next = (layer) => {
    if (turn !== painting || layer === layers.length) return;
    heads.forEach((_, head) => paint(cellsOfGrid[layer * heads.length + head].firstChild, layer, head, thumbnail));
    if (count * count * heads.length > 100000) setTimeout(next, 0, layer + 1);
    else next(layer + 1);
  };
  next(0);
}

function choose(layer, head) {
  Object.assign(state, { layer, head });
  showHead();
}

// ------------------------------------------------------------------------------------------------------------- tokens

const chips = [];

function buildTokens() {
  const place = find("tokens");
  const pieces = tokens.some((token) => token.startsWith("▁")); // or those of WordPiece
  const letter = tokens.find((token, index) => !around[index] && /\p{L}/u.test(token)) ?? "";
  place.dir = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(letter) ? "rtl" : "ltr";
  tokens.forEach((token, index) => {
    const starts = pieces ? token.startsWith("▁") : !token.startsWith("##");
    const shown = pieces && token.length > 1 ? token.replace(/^▁/, "") : token;
    const chip = make("button", { type: "button", className: `token${starts ? " starts" : ""}` },
      make("bdi", { className: `piece${around[index] ? " edge" : ""}`, textContent: visible(shown), title: names[index] }),
      make("span", { className: "weight", dir: "ltr" }));
    chip.setAttribute("role", "radio");
    chip.addEventListener("click", () => pin(index));
    chip.addEventListener("pointerenter", () => hover(index));
    chip.addEventListener("keydown", (event) => {
      const ahead = place.dir === "rtl" ? -1 : 1;
      const to = { ArrowRight: index + ahead, ArrowLeft: index - ahead, ArrowDown: index + 1, ArrowUp: index - 1,
        Home: 0, End: count - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      pin(Math.max(0, Math.min(count - 1, to)));
      chips[state.token].focus();
    });
    chips.push(chip);
    if (texts[index] === 1 && texts[index - 1] === null) place.append(make("div", { className: "break" }));
    place.append(chip);
  });
  place.addEventListener("pointerleave", () => hover(null));
}

function pin(token) {
  Object.assign(state, { token, over: null, cell: null });
  later(showToken);
}

function hover(token) {
  Object.assign(state, { over: token, cell: null });
  later(showToken);
}

// ------------------------------------------------------------------------------------------------------------- matrix

const upright = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u; // written downward
const labels = { rows: [], columns: [] };

function buildMatrix() {
  const matrix = find("matrix");
  matrix.style.setProperty("--count", count);
  for (const axis of ["rows", "columns"]) {
    labels[axis] = names.map((name, index) => make("span", { title: name,
      className: axis === "columns" && upright.test(name) ? "upright" : "" }, named(index)));
    find(axis).append(...labels[axis]);
    find(axis).setAttribute("aria-hidden", "true");
    find(axis).setAttribute("translate", "no");
  }
  const size = find("size");
  const resize = () => {
    matrix.style.setProperty("--cell", `${size.value}px`);
    matrix.classList.toggle("bare", size.value < 10);
    later(showToken);
  };
  const room = Math.max(240, Math.min(find("matrix-part").clientWidth, innerHeight * 0.82));
  // With labels where they can be read, if need be by scrolling; very many tokens fit without.
  size.value = count <= 128 ? Math.max(10, Math.min(26, Math.floor((room - 110) / count))) : room / count;
  size.addEventListener("input", resize);
  resize();

  const cells = find("cells");
  const under = (event) => {
    const edge = cells.getBoundingClientRect();
    const at = (offset) => Math.max(0, Math.min(count - 1, Math.floor(offset / Number(size.value))));
    return [at(event.clientY - edge.top), at(event.clientX - edge.left)];
  };
  cells.addEventListener("pointermove", (event) => point(under(event)));
  cells.addEventListener("pointerleave", () => hover(null));
  cells.addEventListener("click", (event) => {
    const cell = under(event);
    pin(cell[state.from ? 1 : 0]);
    point(cell);
  });
  matrix.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [from, to] = state.cell ?? (state.from ? [0, state.token] : [state.token, 0]);
    const moved = state.cell ? [from + step[0], to + step[1]] : [from, to];
    point(moved.map((place) => Math.max(0, Math.min(count - 1, place))));
    state.token = state.cell[state.from ? 1 : 0];
    later(() => find("cell").scrollIntoView({ block: "nearest", inline: "nearest" }));
  });
}

function point(cell) {
  Object.assign(state, { cell, over: cell[state.from ? 1 : 0] });
  later(showToken);
}

// ----------------------------------------------------------------------------------------------------------- what moves

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

// -------------------------------------------------------------------------------------------------------------- begin

const plural = (many, name) => `${many} ${name}${many === 1 ? "" : "s"}`;
find("about").textContent = `${plural(layers.length, "layer")} × ${plural(heads.length, "head")}, ` +
  `${plural(count, "token")}; each weight is exact to ±${bits === 16 ? 0.00002 : 0.004}`;
layers.forEach((layer, index) => find("layer").append(make("option", { value: index, textContent: layer })));
heads.forEach((head, index) => find("head").append(make("option", { value: index, textContent: head })));
for (const name of ["layer", "head"]) {
  find(name).addEventListener("change", () => choose(Number(find("layer").value), Number(find("head").value)));
}
document.querySelectorAll('input[name="direction"]').forEach((input) => input.addEventListener("change", () => {
  state.from = input.value === "from" && input.checked;
  state.cell = null;
  later(showToken);
}));
find("around").addEventListener("change", (event) => {
  state.without = event.target.checked;
  showAll();
});
find("shared").addEventListener("change", (event) => {
  state.shared = event.target.checked;
  showAll();
});
darkness.addEventListener("change", showAll);

const left = [...new Set(names.filter((_, index) => around[index]))];
find("around-names").textContent = `Leave out ${left.join(", ")}`;
find("around").parentElement.hidden = !left.length || left.length === new Set(names).size;
find("problem").hidden = true;
find("main").hidden = false;
if (layers.length * heads.length === 1) {
  find("main").classList.add("single");
  find("matrix-part").append(find("legend"));
  find("heads").hidden = find("shared").parentElement.hidden = true;
}
buildGrid();
buildTokens();
buildMatrix();
showAll();
})();
