// Making elements. Words are only ever set as text, so nothing that is said can become markup.

type Attributes = Record<string, string | boolean | undefined>;

/** An element with attributes and children; `true` sets an attribute without value, `false` and `undefined` leave it. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** The element of the page with an id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found as T;
}

let made = 0;

/** An id no other element has. */
export function newId(): string {
  made += 1;
  return `made-${made}`;
}

/** A button that does something when pressed. */
export function button(title: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, title);
  made.addEventListener("click", () => {
    // Not `disabled`: that would take the focus away from somebody who moves by keyboard.
    if (made.getAttribute("aria-disabled") !== "true") press();
  });
  return made;
}

/** A link to another site, in a new tab that learns nothing of this one. */
export function link(title: string, url: string, newTab: string): HTMLAnchorElement {
  const hint = element("span", { class: "unseen" }, ` (${newTab})`);
  return element("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, title, hint);
}
