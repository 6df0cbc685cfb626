// "Did this help?" below an answer: a yes, or a no and what was wrong. No words are asked for.

import type { Feedback } from "./contract";
import { button, element } from "./dom";
import { say } from "./words";

const REASONS: [string, NonNullable<Feedback["why"]>][] = [
  ["why_other_question", "other_question"],
  ["why_hard", "hard"],
  ["why_not_enough", "not_enough"],
  ["why_wrong", "wrong"],
];

/** The question below the reply with a number; `give` sends what is pressed. */
export function feedback(reply: number, give: (judged: Feedback) => void): HTMLElement {
  const row = element("div", { class: "choices feedback", role: "group", "aria-label": say("helped") });
  const thank = (): void => {
    row.replaceChildren(element("span", { tabindex: "-1" }, say("helped_thanks")));
    (row.firstElementChild as HTMLElement).focus();
  };
  const ask = (): void => {
    const reasons = REASONS.map(([words, why]) =>
      button(say(words), () => {
        give({ reply, helped: false, why });
        thank();
      }),
    );
    const question = element("span", { tabindex: "-1" }, say("why"));
    row.replaceChildren(question, ...reasons, button(say("why_skip"), thank));
    question.focus();
  };
  const yes = button(say("helped_yes"), () => {
    give({ reply, helped: true });
    thank();
  });
  const no = button(say("helped_no"), () => {
    give({ reply, helped: false });
    ask();
  });
  row.append(element("span", {}, say("helped")), yes, no);
  return row;
}
