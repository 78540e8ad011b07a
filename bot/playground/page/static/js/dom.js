// Making elements, and nothing else: text goes in as text, never as markup.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "htmlFor", "tabIndex", "id"]);

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...present(children));
  return node;
}

const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

// Put these in place of whatever a node holds.
export const fill = (node, ...children) => node.replaceChildren(...present(children));

// Draw what a node holds anew, where it has changed, without taking the keyboard's place away.
export function redraw(node, ...children) {
  const before = [...node.childNodes];
  const after = present(children);
  if (before.length === after.length && before.every((child, at) => child.isEqualNode(after[at]))) return;
  const held = node.contains(document.activeElement) ? called(document.activeElement) : "";
  node.replaceChildren(...after);
  if (!held) return;
  const same = [...node.querySelectorAll("a, button")].find((one) => called(one) === held);
  (same ?? node.querySelector("[aria-current]"))?.focus();
}

const called = (node) => node.getAttribute("href") ?? node.getAttribute("aria-label") ?? node.textContent;

// Make these all that a node holds. What stays is not moved: moving something takes the focus from it.
export function arrange(node, children) {
  const staying = new Set(children);
  for (const child of [...node.childNodes]) if (!staying.has(child)) child.remove();
  let at = node.firstChild;
  for (const child of children) {
    if (child === at) at = at.nextSibling;
    else node.insertBefore(child, at);
  }
}

export function icon(name, size = 18) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function avatar(id, size = 36) {
  return h("img", {
    class: "avatar", src: `/page/avatars/${id}.svg`, alt: "", width: size, height: size,
  });
}

export const $ = (id) => document.getElementById(id);

let lastId = 0;
export const newId = (prefix) => `${prefix}-${++lastId}`;

// Wait until calls stop for a moment, then do it once.
export function settled(work, wait = 40) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), wait);
  };
}
