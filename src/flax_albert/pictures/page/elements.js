// Elements by name, made and found; characters that cannot be seen, seen.

const find = (id) => document.getElementById(id);
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const strange = /[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069\ufeff]/gu; // not seen, or disturbing their surroundings
const visible = (text) => text.replace(strange, (sign) => `U+${sign.codePointAt(0).toString(16).padStart(4, "0")}`);
