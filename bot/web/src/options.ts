// The page's options: language, looks, and the question before a chat is erased. None of them is remembered.

import type { Api } from "./api";
import { byId } from "./dom";
import { useWords } from "./words";

/** Text size, contrast and print. */
export function looks(): void {
  const root = document.documentElement;
  const [size, contrast] = [byId<HTMLSelectElement>("text-size"), byId<HTMLInputElement>("contrast")];
  size.addEventListener("change", () => (root.dataset.text = size.value));
  contrast.addEventListener("change", () => (root.dataset.contrast = contrast.checked ? "high" : "normal"));
  byId("print").addEventListener("click", () => window.print());
}

/** The list of languages; `picked` tells the conversation. */
export function languagePicker(api: Api, picked: (tag: string) => void): void {
  const list = byId<HTMLSelectElement>("language");
  list.addEventListener("change", () => {
    const tag = list.value;
    picked(tag);
    // Without a connection the page keeps its words; the conversation changes once it is back.
    api.words(tag).then(useWords, () => {});
  });
}

/** Asks before erasing, and says what is erased and what stays. */
export function eraseQuestion(erase: () => Promise<void>): void {
  const [open, question] = [byId("erase"), byId("erase-question")];
  const show = (shown: boolean): void => {
    question.hidden = !shown;
    open.setAttribute("aria-expanded", String(shown));
    (shown ? byId("erase-heading") : open).focus();
  };
  open.addEventListener("click", () => show(question.hidden));
  byId("erase-no").addEventListener("click", () => show(false));
  byId("erase-yes").addEventListener("click", () => {
    show(false);
    byId<HTMLDetailsElement>("options").open = false;
    void erase();
  });
}
