// All heads at a glance: a grid of small pictures to choose from.

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
