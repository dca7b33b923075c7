// Which charts there are.

function buildCurves() {
  const { logged, evaluated } = run;
  const sets = Object.entries(evaluated);
  if (!logged.of.step.length && !sets.length) return;
  find("curves").hidden = false;
  for (const [key, { name }] of Object.entries(OVER)) find("over").append(make("option", { value: key, textContent: name }));

  const curve = (name, values, colour, more = {}) => ({ name, of: logged.of, values, colour, smooth: true, ...more });
  // What the chosen metric of each set of examples was, and what a guess would have got.
  const measured = (metric, firstColour = 0) => sets.flatMap(([name, set], place) => {
    const colour = firstColour + place;
    const found = [];
    if (metric in set.metrics) found.push({ name, of: set.of, values: set.metrics[metric], colour, dots: true, best: set.best });
    if (metric in set.baselines) found.push({ name: `${name}, baseline`, of: set.of, values: set.baselines[metric], colour, dashed: true });
    return found;
  });

  const terms = Object.entries(logged.terms);
  if (logged.of.step.length) {
    const held = measured("loss", 1).map((each) => ({ ...each, best: [] }));
    addChart("Loss", [curve("training", logged.loss, 0), ...held], { large: true, loss: true });
    if (terms.length > 1) terms.forEach(([name, values], place) => {
      addChart(`Loss: ${name}`, [curve("training", values, place)], { loss: true });
    });
  }
  for (const metric of new Set(sets.flatMap(([, set]) => Object.keys(set.metrics)))) {
    if (metric !== "loss" || !logged.of.step.length) addChart(metric, measured(metric));
  }
  if (logged.of.step.length) {
    addChart("Learning rate", [curve("rate", logged.learning_rate, 0, { smooth: false })]);
    addChart("Gradient norm, before clipping", [curve("norm", logged.gradient_norm, 0)]);
    addChart("Tokens a second", [curve("tokens/s", logged.tokens_per_second, 0)], { digits: whole });
    if (logged.share) addChart("Share of the machine's peak", [curve("share", logged.share, 0)], { digits: percent });
  }
  // Short runs are not to be smoothed away.
  state.smoothing = Math.max(0, Math.min(0.9, 1 - 10 / Math.max(1, logged.of.step.length)));
  find("smoothing").value = state.smoothing;
  const redraw = () => charts.forEach(drawChart);
  find("over").addEventListener("change", (event) => { state.over = event.target.value; redraw(); });
  find("smoothing").addEventListener("input", (event) => { state.smoothing = Number(event.target.value); redraw(); });
  find("logarithmic").addEventListener("change", (event) => { state.logarithmic = event.target.checked; redraw(); });
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (entry.contentRect.width === width) return;
    width = entry.contentRect.width;
    redraw();
  }).observe(find("charts"));
}
