// Papers made for the person: shown here, copied or downloaded, whichever they have chosen. Nothing is kept on the page.

import type { Api } from "./api";
import type { Document } from "./contract";
import { button, element } from "./dom";
import { say } from "./words";

const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/** The same for every paper: a name in a list of downloads tells nothing (shared/protection.md, "On the device"). */
const FILE_NAME = "document.docx";

/** The buttons of a paper, and the place where it is shown. */
export function paper({ kind, title, ways }: Document, api: Api): HTMLElement {
  const buttons = element("div", { class: "choices" });
  const state = element("p", { role: "status" });
  const made = element("div", { role: "group", "aria-label": title }, element("p", {}, title), buttons, state);
  const doing = (work: () => Promise<string>): (() => void) => () => {
    work().then(
      (words) => (state.textContent = words),
      () => (state.textContent = say("paper_failed")),
    );
  };
  if (ways.includes("screen")) buttons.append(screen(kind, made, api, doing));
  if (ways.includes("copy")) buttons.append(button(say("paper_copy"), doing(() => copy(kind, api))));
  if (ways.includes("download")) buttons.append(button(say("paper_download"), doing(() => download(kind, api))));
  return made;
}

function screen(kind: string, place: HTMLElement, api: Api, doing: (work: () => Promise<string>) => () => void): HTMLElement {
  let shown: HTMLElement | null = null;
  const toggle: HTMLButtonElement = button(
    say("paper_show"),
    doing(async () => {
      if (shown) {
        shown.remove();
        shown = null;
      } else {
        const text = await (await api.paper(kind, "text/plain")).text();
        shown = element("div", { class: "paper", tabindex: "0", dir: "auto" }, text);
        place.append(shown);
      }
      toggle.textContent = say(shown ? "paper_hide" : "paper_show");
      return "";
    }),
  );
  return toggle;
}

async function copy(kind: string, api: Api): Promise<string> {
  await navigator.clipboard.writeText(await (await api.paper(kind, "text/plain")).text());
  return say("paper_copied");
}

async function download(kind: string, api: Api): Promise<string> {
  const address = URL.createObjectURL(await api.paper(kind, DOCX));
  element("a", { href: address, download: FILE_NAME }).click();
  URL.revokeObjectURL(address);
  return "";
}
