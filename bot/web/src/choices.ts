// What a reply offers to press: choices, several to tick, a date, and the controls of a form.

import { freeButtons, type Presses } from "./bubble";
import type { Field, PublicButton, PublicReply } from "./contract";
import { button, element, newId } from "./dom";
import { say } from "./words";

/** What choosing comes to. */
export interface Chosen extends Presses {
  /** Words put together on the page, such as a date; `shown` is how the person sees them. */
  answer(text: string, shown: string): void;
}

/** Everything below a reply's bubble, or nothing. */
export function choices(reply: PublicReply, chosen: Chosen): HTMLElement[] {
  const buttons = freeButtons(reply);
  const answers = buttons.filter((one) => !one.control);
  const rows: HTMLElement[] = [];
  const field = unsaid(reply);
  if (field?.kind === "choices") rows.push(ticks(field, answers, chosen));
  else if (answers.length) rows.push(...question(field), row(answers, chosen, field?.kind === "choice" ? field.label : ""));
  if (field?.kind === "date") rows.push(dateEntry(field, chosen));
  const controls = buttons.filter((one) => one.control);
  if (controls.length) rows.push(row(controls, chosen, undefined, "choices controls"));
  for (const made of rows) {
    made.lang = reply.language;
    made.dir = reply.direction;
  }
  return rows;
}

/** Make everything below a bubble inert, without taking the focus away. */
export function settle(within: HTMLElement): void {
  for (const one of within.querySelectorAll("button")) one.setAttribute("aria-disabled", "true");
  for (const one of within.querySelectorAll("input")) one.disabled = true;
}

/** The field of a reply, without help that its text has given already. */
function unsaid({ field, text }: PublicReply): Field | null {
  return field?.help && text.includes(field.help) ? { ...field, help: "" } : field;
}

/** The line of help of a choice between buttons. */
function question(field: Field | null): HTMLElement[] {
  return field?.kind === "choice" && field.help ? [element("p", { class: "help" }, field.help)] : [];
}

function row(buttons: PublicButton[], chosen: Chosen, label?: string, name = "choices"): HTMLElement {
  const made = element("div", { class: name, role: label ? "group" : undefined, "aria-label": label || undefined });
  made.append(...buttons.map((one) => button(one.title, () => chosen.press(one, made))));
  return made;
}

function ticks(field: Field, answers: PublicButton[], chosen: Chosen): HTMLElement {
  const { group, problem } = fieldset(field);
  const boxes = answers.map((one) => element("input", { type: "checkbox", value: one.title, autocomplete: "off" }));
  boxes.forEach((box) => group.append(element("label", { class: "tick" }, box, " ", box.value)));
  const go = button(say("continue"), () => {
    const picked = boxes.filter((box) => box.checked).map((box) => box.value);
    const alone = picked.length > 1 ? field.alone?.find((title) => picked.includes(title)) : undefined;
    problem.textContent = alone ? say("alone", { title: alone }) : picked.length ? "" : say("pick_one");
    if (problem.textContent) return;
    settle(group.closest<HTMLElement>(".message") ?? group);
    chosen.answer(picked.join("\n"), picked.join(", "));
  });
  group.append(problem, go);
  return group;
}

function dateEntry(field: Field, chosen: Chosen): HTMLElement {
  const { group, problem } = fieldset(field, say("date_help"));
  const [day, month, year] = [numberBox("day", 2), numberBox("month", 2), numberBox("year", 4)] as const;
  group.append(element("div", { class: "date" }, day.label, month.label, year.label));
  const go = button(say("continue"), () => {
    const date = readDate(day.box.value, month.box.value, year.box.value);
    problem.textContent = date ? "" : say("date_wrong");
    if (!date) {
      day.box.focus();
      return;
    }
    settle(group.closest<HTMLElement>(".message") ?? group);
    chosen.answer(date, [day, month, year].map(({ box }) => box.value.trim()).join(" "));
  });
  group.append(problem, go);
  return group;
}

function fieldset(field: Field, help = ""): { group: HTMLElement; problem: HTMLElement } {
  const problem = element("p", { class: "problem", role: "status" });
  const hint = [field.help, help].filter(Boolean).join(" ");
  const described = hint ? newId() : undefined;
  const group = element("fieldset", { class: "choices", "aria-describedby": described });
  if (field.label) group.append(element("legend", {}, field.label));
  if (hint) group.append(element("p", { class: "help", id: described }, hint));
  return { group, problem };
}

function numberBox(name: "day" | "month" | "year", most: number): { label: HTMLElement; box: HTMLInputElement } {
  const box = element("input", {
    class: name,
    inputmode: "numeric",
    maxlength: String(most),
    autocomplete: "off",
  });
  return { label: element("label", {}, say(name), element("br"), box), box };
}

/** `2026-03-27` from what was typed, or null where there is no such day. */
export function readDate(day: string, month: string, year: string): string | null {
  const [d, m, y] = [day, month, year].map((part) => (/^\d{1,4}$/.test(part.trim()) ? Number(part) : NaN));
  if (d === undefined || m === undefined || y === undefined || !(y >= 1900 && y <= 2100)) return null;
  const date = new Date(Date.UTC(y, m - 1, d));
  const real = date.getUTCFullYear() === y && date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
  return real ? date.toISOString().slice(0, 10) : null;
}
