// Text as paragraphs. Numbers to ring stay in one piece and in their own direction, whatever language is around them.

import { element } from "./dom";

const NUMBER = /\+?\d[\d ]+\d|\d+/g;

/** A text with each number kept whole: "0808 2000 247" would fall apart in a text that runs from right to left. */
export function withNumbers(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const found of text.matchAll(NUMBER)) {
    if (!found[0].includes(" ")) continue;
    parts.push(text.slice(from, found.index), element("bdi", { class: "number" }, found[0]));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** The paragraphs of a text; those among `limits` are set apart as time limits. */
export function paragraphs(text: string, limits: readonly string[], limitLabel: string): HTMLElement[] {
  return text.split("\n\n").map((words) => {
    if (!limits.includes(words)) return element("p", {}, ...withNumbers(words));
    const label = element("span", { class: "unseen" }, `${limitLabel}: `);
    return element("p", { class: "limit" }, label, ...withNumbers(words));
  });
}
