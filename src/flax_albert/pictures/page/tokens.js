// The text, a button a token, coloured and numbered by what one of them attends to.

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
