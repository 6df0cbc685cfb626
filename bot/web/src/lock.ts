// A page left alone hides its conversation. With a PIN, only who knows it sees the words again.

import { byId } from "./dom";
import { say } from "./words";

const PIN = /^\d{4,6}$/;
const TRIES = 5;
const SIGNS_OF_LIFE = ["pointerdown", "keydown", "input", "wheel", "touchstart"];
const MINUTE_MS = 60_000;

/** What locking comes to on the page. */
export interface Locked {
  hide(): void;
  show(): void;
  /** The PIN was wrong too often. */
  lost(): void;
  /** Left alone for so long that the conversation is over at the gateway, too. */
  expired(): void;
}

export class Lock {
  private pin: string | null = null;
  private triesLeft = TRIES;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly section = byId("locked");
  private readonly box = byId<HTMLInputElement>("pin");
  private readonly problem = byId("pin-problem");
  private off = false;
  private lastSign = Date.now();

  /**
   * @param after minutes without a sign of life until the page locks.
   * @param expires minutes after that until the conversation is over.
   */
  constructor(
    private readonly after: number,
    public expires: number,
    private readonly locked: Locked,
  ) {
    byId<HTMLFormElement>("unlock-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.unlock(this.box.value);
    });
    // Timers stand still while a phone sleeps, so the clock is looked at when it wakes.
    document.addEventListener("visibilitychange", () => {
      if (Date.now() - this.lastSign > this.after * MINUTE_MS) this.lock();
    });
    for (const sign of SIGNS_OF_LIFE) document.addEventListener(sign, () => this.alive(), { passive: true });
    this.alive();
  }

  /** Whether the conversation is hidden. */
  get closed(): boolean {
    return !this.section.hidden;
  }

  /** Choose a PIN. Returns whether it can be used. */
  choose(pin: string): boolean {
    if (!PIN.test(pin)) return false;
    this.pin = pin;
    this.triesLeft = TRIES;
    return true;
  }

  /** Hide the conversation now. */
  lock(): void {
    if (this.off || this.closed) return;
    this.box.value = "";
    this.problem.textContent = "";
    byId("pin-row").hidden = this.pin === null;
    this.section.hidden = false;
    this.locked.hide();
    byId("locked-heading").focus();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.locked.expired(), this.expires * MINUTE_MS);
  }

  /** There is nothing left to hide. */
  stop(): void {
    this.off = true;
    this.pin = null;
    clearTimeout(this.timer);
    this.section.hidden = true;
  }

  private unlock(given: string): void {
    this.box.value = "";
    if (this.pin !== null && given !== this.pin) {
      this.triesLeft -= 1;
      if (this.triesLeft === 0) this.locked.lost();
      else this.problem.textContent = say("pin_wrong", { left: String(this.triesLeft) });
      return;
    }
    this.triesLeft = TRIES;
    this.section.hidden = true;
    this.locked.show();
    this.alive();
  }

  private alive(): void {
    if (this.off || this.closed) return;
    this.lastSign = Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lock(), this.after * MINUTE_MS);
  }
}

/**
 * Ties the form that sets a PIN to a lock.
 *
 * @param chosen tells whether the PIN also brings the chat back after the page was closed.
 */
export function pinForm(lock: Lock, chosen: (pin: string) => Promise<boolean>): void {
  const [form, box, state] = [byId<HTMLFormElement>("pin-form"), byId<HTMLInputElement>("new-pin"), byId("pin-state")];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pin = box.value;
    if (!lock.choose(pin)) {
      state.textContent = say("pin_wrong_form");
      box.focus();
      return;
    }
    box.value = "";
    void chosen(pin).then((back) => (state.textContent = say(back ? "pin_saved_back" : "pin_saved")));
  });
}
