import { beforeEach, expect, test } from "vitest";

import { bubble, freeButtons, handOffWords, ownBubble } from "../src/bubble";
import { choices, readDate } from "../src/choices";
import { feedback } from "../src/feedback";
import { withNumbers } from "../src/text";
import { Transcript } from "../src/transcript";
import { say, useWords } from "../src/words";
import { reply } from "./replies";

const nobody = { press: () => {}, answer: () => {} };

beforeEach(() => {
  document.body.innerHTML = '<p data-words="send"></p><div id="log" aria-live="polite"></div>';
  const words = { send: "Send", you: "You:", assistant: "Assistant:", waiting_place: "Your place: {place}.", title: "T" };
  useWords({ language: "ur", direction: "rtl", words, english: ["send"] });
});

test.each(["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "&lt;b&gt;"])("%s stays text", (hostile) => {
  const said = bubble(reply({ text: hostile, contacts: [{ name: hostile, note: hostile }] }), nobody);
  expect(said.textContent).toContain(hostile);
  expect(said.querySelector("img, script, b")).toBeNull();
  expect(ownBubble(hostile).children).toHaveLength(1);
});

test("a number in groups is kept whole and in its own direction", () => {
  const parts = withNumbers("Ring 0808 2000 247 or 999.");
  expect(parts.map((part) => (part instanceof HTMLElement ? [part.tagName, part.textContent] : part))).toEqual([
    "Ring ",
    ["BDI", "0808 2000 247"],
    " or 999.",
  ]);
});

test("a time limit is set apart and the other paragraphs are not", () => {
  const said = bubble(reply({ text: "One.\n\nWithin 5 days.\n\nTwo.", limits: ["Within 5 days."] }), nobody);
  expect([...said.querySelectorAll("p")].map((one) => one.className)).toEqual(["", "limit", ""]);
});

test("the buttons of a preview's lines are not offered twice", () => {
  const buttons = ["Change 1", "Send"].map((title, at) => ({ id: `1.${at}`, title, action: null, control: false }));
  const said = reply({ buttons, lines: [{ label: "Name", value: "x", change: 0 }, { label: "Fixed", value: "y" }] });
  expect(freeButtons(said).map(({ title }) => title)).toEqual(["Send"]);
  expect(bubble(said, nobody).querySelectorAll("button")).toHaveLength(1);
});

test("what a preview draws is not said a second time, and stands below its heading", () => {
  const said = reply({
    text: "What will be sent\n1. Name: x\nTo a charity.",
    drawn_text: "What will be sent\n\nTo a charity.",
    lines: [{ label: "Name", value: "x" }],
  });
  const parts = [...bubble(said, nobody).children].slice(1).map((one) => `${one.tagName} ${one.textContent}`);
  expect(parts).toEqual(["P What will be sent", "DL Namex", "P To a charity."]);
});

test("controls come after the answers", () => {
  const made = choices(
    reply({
      buttons: [
        { id: "1.0", title: "Stop", action: null, control: true },
        { id: "1.1", title: "Yes", action: null, control: false },
      ],
    }),
    nobody,
  );
  expect(made.map((row) => row.textContent)).toEqual(["Yes", "Stop"]);
});

test.each([
  ["3", "11", "2026", "2026-11-03"],
  [" 29 ", "2", "2024", "2024-02-29"],
  ["29", "2", "2026", null],
  ["31", "4", "2026", null],
  ["0", "1", "2026", null],
  ["1", "13", "2026", null],
  ["", "1", "2026", null],
  ["3", "11", "26", null],
  ["a", "1", "2026", null],
])("the day %s of month %s in %s is %s", (day, month, year, date) => {
  expect(readDate(day, month, year)).toBe(date);
});

test("the quiet card folds everything before it away", () => {
  const log = document.getElementById("log") as HTMLElement;
  const transcript = new Transcript(log);
  transcript.own(ownBubble("something private"));
  transcript.reply(reply({ display: "quiet", text: "OK." }), [bubble(reply({ text: "OK." }), nobody)]);
  expect(log.textContent).not.toContain("private");
  expect(log.children).toHaveLength(1);
});

test("messages are added in order, each once, and none is moved", () => {
  const log = document.getElementById("log") as HTMLElement;
  const added: string[] = [];
  const seen = new MutationObserver(() => {});
  seen.observe(log, { childList: true });
  const transcript = new Transcript(log);
  for (const text of ["one", "two", "three"]) transcript.reply(reply({ text }), [bubble(reply({ text }), nobody)]);
  for (const { addedNodes, removedNodes } of seen.takeRecords()) {
    expect(removedNodes).toHaveLength(0);
    added.push(...[...addedNodes].map((node) => node.textContent ?? ""));
  }
  expect(added).toEqual(["Assistant: one", "Assistant: two", "Assistant: three"]);
});

test("words that are not translated are marked as English", () => {
  expect(document.documentElement.dir).toBe("rtl");
  expect(document.querySelector<HTMLElement>("[data-words=send]")?.lang).toBe("en");
});

test("what is not filled in stays as it is", () => {
  expect(say("waiting_place")).toBe("Your place: {place}.");
  expect(handOffWords({ state: "waiting", place: 3 })).toBe("Your place: 3.");
});

test("what a person wrote carries their name or role, and never the assistant's", () => {
  const talking = { state: "talking", adviser: "Adviser", place: null } as const;
  const written = bubble(reply({ text: "Hello", hand_off: { ...talking, said: true } }), nobody);
  expect(written.querySelector(".speaker")?.textContent).toBe("Adviser:");
  expect(written.textContent).not.toContain("Assistant:");
  const notice = bubble(reply({ text: "Adviser is here now", hand_off: { ...talking, said: false } }), nobody);
  expect(notice.textContent).toContain("Assistant:");
});

test("a no is kept even where no reason is given", () => {
  const given: unknown[] = [];
  const row = feedback(4, (judged) => given.push(judged));
  row.querySelectorAll("button")[1]?.click();
  expect(given).toEqual([{ reply: 4, helped: false }]);
  row.querySelectorAll("button")[1]?.click();
  expect(given).toEqual([
    { reply: 4, helped: false },
    { reply: 4, helped: false, why: "hard" },
  ]);
});
