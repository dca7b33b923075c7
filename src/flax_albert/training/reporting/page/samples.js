// Examples as a person looks at them: wrong ones first, and those that are asked for.

const AT_ONCE = 12;
const lines = (text) => text.split("\n").map(visible).join("\n");
const choice = { found: null, pair: null, most: AT_ONCE };

function buildSamples() {
  const choices = run.details.filter((found) => found.samples.length);
  if (!choices.length) return;
  find("samples").hidden = false;
  choices.forEach((found, index) => find("samples-of").append(make("option", { value: index, textContent: evaluationName(found) })));
  const kept = Math.max(0, choices.findIndex((found) => found.kept));
  find("samples-of").value = kept;
  choice.found = choices[kept];
  find("samples-of").addEventListener("change", (event) => {
    Object.assign(choice, { found: choices[Number(event.target.value)], pair: null, most: AT_ONCE });
    showSamples();
  });
  for (const [id, event] of [["which", "change"], ["holding", "input"]]) find(id).addEventListener(event, () => {
    choice.most = AT_ONCE;
    showSamples();
  });
  find("unpair").addEventListener("click", () => { choice.pair = null; showSamples(); });
  find("more").addEventListener("click", () => { choice.most += 5 * AT_ONCE; showSamples(); });
  showSamples();
}

// Shows the samples of a cell of the confusion matrix.
function showPair(found, expected, predicted) {
  const index = run.details.filter((each) => each.samples.length).indexOf(found);
  if (index < 0) return;
  find("samples-of").value = index;
  find("which").value = "all";
  find("holding").value = "";
  Object.assign(choice, { found, pair: [expected, predicted], most: AT_ONCE });
  showSamples();
}

function showSamples() {
  const { found, pair, most } = choice;
  const which = find("which").value;
  const holding = find("holding").value.toLowerCase();
  const chosen = found.samples.filter(({ text, expected, predicted, right }) =>
    (which === "all" || right === (which === "right")) &&
    (!pair || (expected === pair[0] && predicted === pair[1])) &&
    (!holding || [text, expected, predicted].some((part) => part.toLowerCase().includes(holding))));
  find("unpair").hidden = !pair;
  if (pair) find("unpair").replaceChildren("only ", make("bdi", {}, visible(pair[0])), " taken for ", make("bdi", {}, visible(pair[1])), " ✕");
  const left = found.left_out ? `; ${whole(found.left_out)} more were not kept` : "";
  find("samples-said").textContent = `${whole(chosen.length)} of ${whole(found.samples.length)} samples${left}`;
  const sample = ({ text, expected, predicted, right }) => make("li", { className: right ? "right" : "wrong" },
    make("div", { className: "text", dir: "auto", textContent: lines(text) }),
    make("dl", {}, make("dt", { textContent: "right" }), make("dd", { dir: "auto", textContent: lines(expected) }),
      make("dt", { textContent: right ? "✓ says" : "✗ says" }), make("dd", { className: "predicted", dir: "auto", textContent: lines(predicted) })));
  find("sample-list").replaceChildren(...chosen.slice(0, most).map(sample));
  find("more").hidden = chosen.length <= most;
}
