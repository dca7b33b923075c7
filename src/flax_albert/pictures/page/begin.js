// Everything is built once, and shown.

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
