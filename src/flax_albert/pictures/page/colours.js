// The colours of weights, and one head painted with them.

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
