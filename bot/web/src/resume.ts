// Coming back with a PIN. Its id stands in this tab's place in the browser's history: it goes where the tab goes, and ends
// with it. Alone it opens nothing, and neither words nor token ever stand there.

import { Refused, type Api } from "./api";
import type { ResumedChat } from "./contract";
import { byId } from "./dom";
import { say } from "./words";

/** The id that this tab keeps; null where no PIN was chosen. */
export function kept(): string | null {
  const state = window.history.state as { resume?: unknown } | null;
  return typeof state?.resume === "string" ? state.resume : null;
}

/** Keep an id with this tab; null to keep none. */
export function keep(resume: string | null): void {
  window.history.replaceState(resume === null ? null : { resume }, "");
}

/** What a tab that comes back leads to. */
export interface Returned {
  /** The PIN was right. */
  resumed(chat: ResumedChat, pin: string): void;
  /** A new chat is wanted. */
  anew(): void;
}

/** Asks for the PIN before anything is shown. */
export function askForPin(resume: string, api: Api, returned: Returned): void {
  const [section, box, problem] = [byId("returned"), byId<HTMLInputElement>("returned-pin"), byId("returned-problem")];
  const close = (then: () => void): void => {
    section.hidden = true;
    then();
  };
  byId<HTMLFormElement>("returned-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const pin = box.value;
    box.value = "";
    problem.textContent = "";
    api.resume(resume, pin).then(
      (chat) => close(() => returned.resumed(chat, pin)),
      (error: unknown) => {
        problem.textContent = whatWentWrong(error);
        box.focus();
      },
    );
  });
  byId("returned-new").addEventListener("click", () => close(() => returned.anew()));
  section.hidden = false;
  byId("returned-heading").focus();
}

function whatWentWrong(error: unknown): string {
  if (!(error instanceof Refused)) return say("paper_failed");
  return error.passing ? error.words : say("resume_failed");
}
