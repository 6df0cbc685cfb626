// The box to type in: a question, or the answer to the question a form asks, with the keyboard that fits.

import type { Field } from "./contract";
import { say } from "./words";

const KEYBOARDS: Partial<Record<Field["kind"], string>> = {
  phone: "tel",
  email: "email",
  code: "numeric",
};
const TYPED = new Set<Field["kind"]>(["text", "phone", "email", "postcode", "code"]);

export class Composer {
  constructor(
    private readonly form: HTMLFormElement,
    private readonly box: HTMLTextAreaElement,
    private readonly label: HTMLElement,
    private readonly help: HTMLElement,
    send: (words: string) => void,
  ) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const words = box.value.trim();
      if (!words) return;
      box.value = "";
      this.grow();
      send(words);
      box.focus();
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    box.addEventListener("input", () => this.grow());
  }

  /** Fit the box to the open question of a form; null for any question. */
  ask(field: Field | null | undefined): void {
    const typed = field && TYPED.has(field.kind) ? field : null;
    this.label.textContent = typed ? typed.label || say("answer") : say("ask");
    // Switching languages must not undo the label of an open question.
    if (typed) delete this.label.dataset.words;
    else this.label.dataset.words = "ask";
    this.help.textContent = typed?.help ?? "";
    this.help.hidden = !this.help.textContent;
    this.box.inputMode = (typed && KEYBOARDS[typed.kind]) ?? "text";
    this.box.autocapitalize = typed?.kind === "postcode" ? "characters" : typed?.kind === "email" ? "off" : "sentences";
    this.box.spellcheck = !typed;
  }

  /** Put words back that could not be sent. */
  giveBack(words: string): void {
    if (!this.box.value) this.box.value = words;
    this.grow();
  }

  focus(): void {
    this.box.focus();
  }

  /** Empty the box, and let nothing more be typed. */
  close(): void {
    this.box.value = "";
    this.form.hidden = true;
  }

  private grow(): void {
    const lines = Math.min(4, this.box.value.slice(0, 400).split("\n").length + Math.floor(this.box.value.length / 60));
    this.box.rows = Math.max(1, lines);
  }
}
