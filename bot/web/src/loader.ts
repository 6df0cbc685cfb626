// The one script tag: a button on a host's page, and a frame that holds the chat. The host's scripts can't read the chat,
// its styles don't reach it, and its Content-Security-Policy needs only this script and the frame:
//
//   <script src="https://…/widget.js" data-language="en" data-side="end" async></script>

import { onThreeShifts, type ToFrame, type ToLoader } from "./exit";

interface LauncherWords {
  direction: string;
  open: string;
  frame: string;
}

// The gateway puts here where Exit goes, and the words in each language (bot/gateway/pages.py).
const GIVEN = "{given}" as unknown as { exit: string; words: Record<string, LauncherWords> };
const FRAME_LEAVES_WITHIN_MS = 300;

const STYLE = `
button { position: fixed; inset-block-end: var(--bottom); z-index: 2147483000; font: 600 1rem/1.2 system-ui, sans-serif;
  color: #fff; background: #1d3557; border: 2px solid #fff; border-radius: 0.5rem; padding: 0.75rem 1rem; min-height: 2.75rem;
  max-width: calc(100vw - 2rem); cursor: pointer; }
button:focus-visible { outline: 3px solid #1a1a1a; box-shadow: 0 0 0 6px #ffbf47; }
iframe { position: fixed; z-index: 2147483000; border: 0; background: #fff; inset-block-end: var(--bottom);
  width: min(26rem, calc(100vw - 2rem)); height: min(44rem, calc(100vh - 2rem)); border-radius: 0.5rem;
  box-shadow: 0 0 0 1px #6b6b6b, 0 0.25rem 1rem rgb(0 0 0 / 30%); }
.end { inset-inline-end: 1rem; } .start { inset-inline-start: 1rem; }
[hidden] { display: none; }
@media (max-width: 30rem), (max-height: 30rem) {
  iframe { inset: 0; width: 100%; height: 100%; border-radius: 0; box-shadow: none; }
}
@media print { button, iframe { display: none; } }
`;

function open(script: HTMLScriptElement): void {
  const home = new URL(script.src).origin;
  const { language = "en", side = "end", bottom = "16" } = script.dataset;
  const words = GIVEN.words[language] ?? GIVEN.words.en;
  if (!words) return;

  const host = document.createElement("div");
  host.lang = GIVEN.words[language] ? language : "en";
  host.dir = words.direction;
  // Beats every rule of the host's page, also those marked as important.
  host.style.setProperty("all", "initial", "important");
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(STYLE);
  root.adoptedStyleSheets = [style];
  host.style.setProperty("--bottom", `${Number.parseInt(bottom, 10) || 16}px`);

  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.textContent = words.open;
  launcher.className = side === "start" ? "start" : "end";
  launcher.setAttribute("aria-expanded", "false");
  root.append(launcher);
  document.body.append(host);

  let frame: HTMLIFrameElement | null = null;
  const show = (shown: boolean): void => {
    if (shown && !frame) {
      // Nothing is asked of the service before somebody opens the chat.
      frame = document.createElement("iframe");
      frame.src = `${home}/embed?language=${encodeURIComponent(language)}`;
      frame.title = words.frame;
      frame.className = launcher.className;
      frame.referrerPolicy = "no-referrer";
      frame.allow = "clipboard-write";
      root.append(frame);
    }
    if (frame) frame.hidden = !shown;
    launcher.hidden = shown;
    launcher.setAttribute("aria-expanded", String(shown));
    (shown ? frame : launcher)?.focus();
  };
  let left = false;
  const go = (): void => {
    if (!left) window.location.replace(GIVEN.exit);
    left = true;
  };
  const exit = (): void => {
    if (!frame) return;
    document.title = "";
    // The frame stays, unseen, just long enough to end its conversation. Moved within the page it would begin anew.
    frame.hidden = true;
    for (const child of [...document.body.childNodes]) if (child !== host) child.remove();
    frame.contentWindow?.postMessage({ assistant: "leave" } satisfies ToFrame, home);
    setTimeout(go, FRAME_LEAVES_WITHIN_MS);
  };
  launcher.addEventListener("click", () => show(true));
  window.addEventListener("message", (event: MessageEvent<ToLoader>) => {
    if (!frame || event.origin !== home || event.source !== frame.contentWindow) return;
    if (event.data.assistant === "close") show(false);
    if (event.data.assistant === "exit") {
      document.title = "";
      document.body.hidden = true;
      go();
    }
  });
  // The keys work on the host's page, too, once the chat has been opened.
  onThreeShifts(window, exit);
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body) open(script);
  else document.addEventListener("DOMContentLoaded", () => open(script));
}
