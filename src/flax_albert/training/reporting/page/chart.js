// One chart: lines over steps, tokens or time, drawn anew when its width or what it is drawn over changes.

const charts = [];
const state = { over: "step", smoothing: 0, logarithmic: false, at: null };
const OVER = {
  step: { name: "steps", label: "step", shown: whole, tick: brief, ticks },
  tokens: { name: "tokens", label: "tokens", shown: (value) => brief(value), tick: brief, ticks },
  seconds: { name: "time", label: "time", shown: clock, tick: clock, ticks: timeTicks },
};

const NAMESPACE = "http://www.w3.org/2000/svg";
const draw = (name, attributes = {}, text = null) => {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return element;
};

// An exponential moving average that begins at the first value and not at zero.
function smoothed(values, weight) {
  let mean = 0;
  let mass = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return mean / mass;
  });
}

const known = (values) => values.filter((value) => value !== null && Number.isFinite(value));

function quantiles(values, low, high) {
  const sorted = known(values).sort((one, other) => one - other);
  if (!sorted.length) return [];
  return [low, high].map((share) => sorted[Math.round(share * (sorted.length - 1))]);
}

// A series is `{ name, of, values }`, where `of[over]` are its places; `smooth`, `dots`, `dashed` and `best` say how.
function addChart(title, series, { large = false, loss = false, digits = figure } = {}) {
  const svg = draw("svg", { role: "img", tabindex: 0, "aria-label": `${title}; arrow keys read values` });
  const legend = make("div", { className: "legend" });
  const place = make("div", { className: `chart${large ? " large" : ""}` }, make("h3", { textContent: title }), legend, svg);
  find("charts").append(place);
  const chart = { place, svg, legend, series, large, loss, digits };
  charts.push(chart);
  svg.addEventListener("pointermove", (event) => pointAt(chart, event.clientX - svg.getBoundingClientRect().left));
  svg.addEventListener("pointerdown", (event) => pointAt(chart, event.clientX - svg.getBoundingClientRect().left));
  svg.addEventListener("pointerleave", () => moveTo(null));
  svg.addEventListener("blur", () => moveTo(null));
  svg.addEventListener("keydown", (event) => {
    const places = [...new Set(chart.series.flatMap((each) => each.of.step))].sort((one, other) => one - other);
    const now = state.at === null ? places.length - 1 : places.findIndex((step) => step >= state.at);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: places.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveTo(places[Math.max(0, Math.min(places.length - 1, to))]);
  });
}

function drawChart(chart) {
  const width = chart.place.clientWidth - 24;
  if (width <= 0) return;
  const height = chart.large ? Math.min(340, Math.max(220, width * 0.36)) : 200;
  const [left, right, top, bottom] = [52, 12, 8, 22];
  const over = OVER[state.over];
  const logarithmic = state.logarithmic && chart.loss;
  const drawn = chart.series.map((each) => ({
    ...each,
    x: each.of[state.over],
    y: each.smooth ? smoothed(each.values, state.smoothing) : each.values,
  }));

  const seen = drawn.flatMap((each) => [...each.y, ...(each.smooth ? quantiles(each.values, 0.02, 0.98) : [])]);
  const usable = known(seen).filter((value) => !logarithmic || value > 0);
  const places = known(drawn.flatMap((each) => each.x));
  chart.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.svg.setAttribute("height", height);
  if (!usable.length || !places.length) {
    chart.svg.replaceChildren(draw("text", { x: left, y: height / 2 }, "There are no finite values."));
    return;
  }
  let [low, high] = [Math.min(...usable), Math.max(...usable)];
  const room = (high - low || Math.abs(high) || 1) * 0.05;
  if (logarithmic) [low, high] = [low / 1.05, high * 1.05];
  else [low, high] = [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const scaled = logarithmic ? Math.log : (value) => value;
  const x = (value) => left + ((value - first) / (last - first || 1)) * (width - left - right);
  const y = (value) => height - bottom - ((scaled(value) - scaled(low)) / (scaled(high) - scaled(low))) * (height - top - bottom);
  Object.assign(chart, { x, y, drawn, left, top, bottom, width, height, first, last });

  const parts = [];
  const clip = `inside-${charts.indexOf(chart)}`;
  const clipping = draw("clipPath", { id: clip });
  clipping.append(draw("rect", { x: left - 7, y: top - 5, width: width - left - right + 15, height: height - top - bottom + 10 }));
  parts.push(clipping);
  for (const tick of logarithmic ? logarithmicTicks(low, high) : ticks(low, high, chart.large ? 6 : 4)) {
    parts.push(draw("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: "axis" }));
    parts.push(draw("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, chart.digits === percent ? percent(tick) : brief(tick)));
  }
  for (const tick of over.ticks(first, last, Math.max(2, Math.floor(width / 110)))) {
    const anchor = x(tick) > width - 24 ? "end" : "middle";
    parts.push(draw("text", { x: x(tick), y: height - 6, "text-anchor": anchor }, over.tick(tick)));
  }
  const inside = draw("g", { "clip-path": `url(#${clip})` });
  const path = (each, values) => {
    let going = false;
    return each.x.map((place, index) => {
      const value = values[index];
      if (value === null || (logarithmic && value <= 0)) {
        going = false;
        return "";
      }
      const command = `${going ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
      going = true;
      return command;
    }).join("");
  };
  for (const each of drawn) {
    const colour = `s${each.colour % 6}`;
    if (each.smooth && state.smoothing > 0) inside.append(draw("path", { d: path(each, each.values), class: `line raw ${colour}` }));
    inside.append(draw("path", { d: path(each, each.y), class: `line ${colour}${each.dashed ? " baseline" : ""}` }));
    if (each.dots && each.x.length <= 120) each.x.forEach((place, index) => {
      if (each.y[index] === null) return;
      inside.append(draw("circle", { cx: x(place), cy: y(each.y[index]), r: 2.6, class: `dot ${colour}` }));
    });
    for (const step of each.best ?? []) {
      const index = each.of.step.indexOf(step);
      if (index >= 0 && each.y[index] !== null) inside.append(draw("circle", { cx: x(each.x[index]), cy: y(each.y[index]), r: 6, class: `ring ${colour}` }));
    }
  }
  chart.cursor = draw("g");
  chart.svg.replaceChildren(...parts, inside, chart.cursor);
  showValues(chart);
}

function pointAt(chart, offset) {
  if (!chart.drawn) return;
  const place = chart.first + ((offset - chart.left) / (chart.x(chart.last) - chart.left || 1)) * (chart.last - chart.first);
  let nearest = null;
  for (const each of chart.drawn) {
    if (each.dashed) continue;
    each.x.forEach((x, index) => {
      if (nearest === null || Math.abs(x - place) < nearest.distance) nearest = { distance: Math.abs(x - place), step: each.of.step[index] };
    });
  }
  if (nearest) moveTo(nearest.step);
}

function moveTo(step) {
  if (step === state.at) return;
  state.at = step;
  requestAnimationFrame(() => charts.forEach(showValues));
}

// The last value at or before a step.
const indexAt = (each, step) => {
  if (step === null) return each.x.length - 1;
  let index = -1;
  while (index + 1 < each.x.length && each.of.step[index + 1] <= step) index++;
  return index;
};

function showValues(chart) {
  if (!chart.drawn) return;
  const over = OVER[state.over];
  const parts = [];
  const marks = [];
  let place = null;
  for (const each of chart.drawn) {
    const index = indexAt(each, state.at);
    const value = index < 0 ? null : each.values[index];
    const swatch = make("i", { className: `swatch s${each.colour % 6}${each.dashed ? " dashed" : ""}` });
    const said = [swatch, each.name, make("b", { textContent: chart.digits(value) })];
    if (each.smooth && state.smoothing > 0 && index >= 0) said.push(make("span", { className: "hint", textContent: `smoothed ${chart.digits(each.y[index])}` }));
    parts.push(make("span", {}, ...said));
    if (index >= 0 && !each.dashed && state.at !== null && each.y[index] !== null) {
      if (place === null || each.x[index] > place) place = each.x[index];
      marks.push(draw("circle", { cx: chart.x(each.x[index]), cy: chart.y(each.y[index]), r: 4, class: `dot s${each.colour % 6}` }));
    }
  }
  const at = place ?? chart.last;
  chart.legend.replaceChildren(make("span", { className: "at", textContent: `${over.label} ${over.shown(at)}` }), ...parts);
  if (place === null) chart.cursor.replaceChildren();
  else chart.cursor.replaceChildren(draw("line", { x1: chart.x(place), x2: chart.x(place), y1: chart.top, y2: chart.height - chart.bottom, class: "cursor" }), ...marks);
}
