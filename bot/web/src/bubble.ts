// One reply as a bubble: its words first, then what goes with them.

import type { Contact, HandOff, Line, PublicButton, PublicReply, TimelineRow } from "./contract";
import { button, element, link } from "./dom";
import { paragraphs, withNumbers } from "./text";
import { say } from "./words";

/** What a bubble may ask the page to do. */
export interface Presses {
  press(pressed: PublicButton, row: HTMLElement): void;
}

/** The bubble of a reply, without its choices. */
export function bubble(reply: PublicReply, presses: Presses): HTMLElement {
  const made = element("div", { class: `bubble ${reply.display}`, lang: reply.language, dir: reply.direction });
  made.append(element("span", { class: "unseen" }, `${speaker(reply)} `));
  const [first, ...rest] = paragraphs(reply.drawn_text || reply.text, reply.limits, say("time_limit"));
  made.append(first ?? "");
  if (reply.timeline.length) made.append(timeline(reply.timeline));
  if (reply.lines.length) made.append(preview(reply, presses));
  made.append(...rest);
  if (reply.contacts.length) made.append(element("ul", {}, ...reply.contacts.map(contact)));
  if (reply.source) made.append(source(reply.source.text));
  if (reply.links.length) {
    const lines = reply.links.map(({ title, url }) => element("li", {}, link(title, url, say("new_tab"))));
    made.append(element("ul", {}, ...lines));
  }
  return made;
}

/** Who says it: staff under their name or role, where the words are theirs. */
function speaker({ hand_off, buttons }: PublicReply): string {
  const theirs = hand_off?.state === "talking" && hand_off.adviser && !buttons.length;
  return theirs ? `${hand_off.adviser}:` : say("assistant");
}

/** What the person has said. */
export function ownBubble(words: string): HTMLElement {
  return element("div", { class: "bubble mine", dir: "auto" }, element("span", { class: "unseen" }, `${say("you")} `), words);
}

/** Where a hand-off stands, in words. */
export function handOffWords({ state, place, adviser }: HandOff): string {
  if (state === "ended") return say("talk_ended");
  if (state === "waiting") return place ? say("waiting_place", { place: String(place) }) : say("waiting");
  return adviser ? say("talking_to", { adviser }) : say("talking");
}

function contact({ name, number, note, url }: Contact): HTMLElement {
  const line = element("li");
  if (number !== name) line.append(element("strong", {}, name));
  if (number) {
    line.append(number !== name ? ": " : "", phone(number));
  } else if (url) {
    line.append(": ", link(say("website"), url, say("new_tab")));
  }
  if (note) line.append(" (", ...withNumbers(note), ")");
  return line;
}

function phone(number: string): HTMLElement {
  if (!/^[\d ]+$/.test(number)) return element("bdi", { class: "number" }, number);
  return element("a", { class: "number", href: `tel:${number.replaceAll(" ", "")}` }, number);
}

function source(text: string): HTMLElement {
  return element("p", { class: "source" }, element("span", { class: "unseen" }, `${say("source")}: `), text);
}

function timeline(rows: readonly TimelineRow[]): HTMLElement {
  const drawn = rows.map(({ when, what, who, status, note }) => {
    const row = element("li");
    if (when || status) {
      const head = element("p", { class: "status" }, when ?? "");
      if (status) head.append(when ? ` · ${status}` : status);
      row.append(head);
    }
    row.append(element("p", {}, ...withNumbers(what)));
    if (who) row.append(element("p", {}, say("by_whom", { who })));
    if (note) row.append(element("p", {}, ...withNumbers(note)));
    return row;
  });
  return element("ol", { class: "timeline", "aria-label": say("timeline") }, ...drawn);
}

/** What will be sent, line by line, each with the button that changes it. */
function preview(reply: PublicReply, presses: Presses): HTMLElement {
  const rows = reply.lines.map((line) => {
    const row = element("div", {}, element("dt", {}, line.label), element("dd", {}, ...withNumbers(line.value)));
    const changes = changeOf(line, reply);
    if (changes) row.lastElementChild?.append(" ", changeButton(line, changes, presses));
    return row;
  });
  return element("dl", { class: "lines", "aria-label": say("preview") }, ...rows);
}

function changeButton(line: Line, changes: PublicButton, presses: Presses): HTMLElement {
  const made: HTMLButtonElement = button(say("change"), () => presses.press(changes, made.closest("dl") ?? made), {
    "aria-label": say("change_what", { label: line.label }),
  });
  return made;
}

function changeOf(line: Line, reply: PublicReply): PublicButton | undefined {
  return line.change === null || line.change === undefined ? undefined : reply.buttons[line.change];
}

/** The buttons of a reply that stand in no line of its preview. */
export function freeButtons(reply: PublicReply): PublicButton[] {
  const taken = new Set(reply.lines.map((line) => line.change));
  return reply.buttons.filter((_, place) => !taken.has(place));
}
