// One head in full: every token with every token.

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
