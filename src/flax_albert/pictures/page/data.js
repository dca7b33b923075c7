// What is shown: tokens and weights out of the page, and what was chosen of them.

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
