// Making elements. Everything from a model or a reader goes in as text, never as markup; styles
// are set by property, since the page's policy allows no style attributes.

/** An element with attributes, listeners (on…) and what stands inside. */
function made(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
}

/** A button of the page; never one that sends a form. */
function button(text, onclick, attributes = {}) {
  return made("button", { type: "button", onclick, ...attributes }, text);
}

/** Put an element at a share of its track. */
function placed(element, share, size) {
  element.style.setProperty("--at", String(share));
  if (size !== undefined) element.style.setProperty("--size", String(size));
  return element;
}

/** Set text only where it differs, so that a screen reader is told of changes alone. */
function worded(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
