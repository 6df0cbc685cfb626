// Leaving at once: a button, or Shift three times, as in GOV.UK's pattern. It acts on the top page, not on a frame.

import { say } from "./words";

const PRESSES_WITHIN_MS = 5000;
const LOADER_LEAVES_WITHIN_MS = 500;

/** What the loader on a host page is told; see loader.ts. */
export interface ToLoader {
  assistant: "exit" | "close";
}

/** What the loader tells the chat: Shift was pressed three times on the host's page. */
export interface ToFrame {
  assistant: "leave";
}

/** Tell the host page's loader something; it holds nothing private, so any host may read it. */
export function tellLoader(message: ToLoader): void {
  window.parent.postMessage(message, "*");
}

/** Empty the page: nothing of it can be read any more, also by going back. */
export function blank(): void {
  document.title = "";
  document.documentElement.removeAttribute("data-contrast");
  document.body.replaceChildren();
}

/**
 * Leave the page.
 *
 * @param to the neutral page to go to.
 * @param framed whether the page stands in a frame of another site.
 */
export function leave(to: string, framed: boolean): void {
  blank();
  if (!framed) {
    // `replace` takes the place of this page in the history, as far as the browser lets it.
    window.location.replace(to);
    return;
  }
  tellLoader({ assistant: "exit" });
  // Where somebody frames the page without our loader, it leaves by itself.
  setTimeout(() => (window.top ?? window).location.replace(to), LOADER_LEAVES_WITHIN_MS);
}

/** Calls `exit` when Shift is pressed three times; the presses in between are announced. */
export function onThreeShifts(target: EventTarget, exit: () => void, status?: HTMLElement): void {
  let presses: number[] = [];
  let forget: ReturnType<typeof setTimeout> | undefined;
  const announce = (words: string): void => {
    if (status) status.textContent = words;
  };
  const reset = (words: string): void => {
    presses = [];
    clearTimeout(forget);
    announce(words);
  };
  target.addEventListener("keydown", (event) => {
    const { key, repeat, timeStamp } = event as KeyboardEvent;
    if (repeat) return;
    if (key !== "Shift") {
      // A capital letter is no wish to leave.
      if (presses.length) reset("");
      return;
    }
    presses = [...presses.filter((at) => timeStamp - at < PRESSES_WITHIN_MS), timeStamp];
    if (presses.length === 3) {
      exit();
      return;
    }
    announce(say(presses.length === 1 ? "exit_again_two" : "exit_again_one"));
    clearTimeout(forget);
    forget = setTimeout(() => reset(say("exit_cancelled")), PRESSES_WITHIN_MS);
  });
}
