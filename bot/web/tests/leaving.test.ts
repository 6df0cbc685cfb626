import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { blank, onThreeShifts } from "../src/exit";

let exits: number;
let status: HTMLElement;
let target: EventTarget;

beforeEach(() => {
  vi.useFakeTimers();
  exits = 0;
  status = document.createElement("p");
  target = new EventTarget();
  onThreeShifts(target, () => (exits += 1), status);
});

afterEach(() => vi.useRealTimers());

function press(key: string, at: number, repeat = false): void {
  const event = new KeyboardEvent("keydown", { key, repeat });
  Object.defineProperty(event, "timeStamp", { value: at });
  target.dispatchEvent(event);
}

test("three presses leave", () => {
  [0, 100, 200].forEach((at) => press("Shift", at));
  expect(exits).toBe(1);
});

test("two do not", () => {
  [0, 100].forEach((at) => press("Shift", at));
  expect(exits).toBe(0);
});

test("a key held down is one press", () => {
  press("Shift", 0);
  [1, 2, 3, 4].forEach((at) => press("Shift", at, true));
  expect(exits).toBe(0);
});

test("another key in between begins anew, so that capitals can be typed", () => {
  for (const at of [0, 100, 200, 300]) {
    press("Shift", at);
    press("A", at + 10);
  }
  expect(exits).toBe(0);
});

test("presses far apart do not add up", () => {
  [0, 3000, 6000].forEach((at) => press("Shift", at));
  expect(exits).toBe(0);
});

test("a blanked page holds nothing", () => {
  document.title = "Rights";
  document.body.textContent = "something private";
  blank();
  expect([document.title, document.body.textContent]).toEqual(["", ""]);
});
