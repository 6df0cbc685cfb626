// The page's own words, in the language it is shown in. They come from data/conversation/widget.en.yml by the gateway.

import type { Words } from "./contract";

let current: Words = { language: "en", direction: "ltr", words: {}, english: [] };

/** Use these words from now on, and put them wherever the page shows some. */
export function useWords(words: Words): void {
  current = words;
  document.documentElement.lang = words.language;
  document.documentElement.dir = words.direction;
  for (const place of document.querySelectorAll<HTMLElement>("[data-words]")) {
    const name = place.dataset.words as string;
    place.textContent = say(name);
    markLanguage(place, name);
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-label-words]")) {
    place.setAttribute("aria-label", say(place.dataset.labelWords as string));
  }
  document.title = say("title");
}

/** A text of the page, with what is to be filled in. */
export function say(name: string, values: Record<string, string> = {}): string {
  const text = current.words[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

/** The language the page is shown in. */
export function language(): string {
  return current.language;
}

// What is not translated is English inside a page in another language, and has to say so to be read aloud well.
function markLanguage(place: HTMLElement, name: string): void {
  if (current.english.includes(name)) {
    place.lang = "en";
    place.dir = "ltr";
  } else {
    place.removeAttribute("lang");
    place.removeAttribute("dir");
  }
}
