// The conversation on the screen, and nowhere else: a log that screen readers announce, each message once and in order.

import type { PublicReply } from "./contract";
import { element } from "./dom";

export class Transcript {
  private anchor: HTMLElement | null = null;
  private following = true;

  /**
   * @param log the element with role="log"; it exists before any message, or the first would not be announced.
   */
  constructor(private readonly log: HTMLElement) {
    for (const event of ["wheel", "touchmove", "keydown"]) {
      // Somebody who reads back is not pulled away by the next message.
      log.addEventListener(event, () => (this.following = false), { passive: true });
    }
  }

  /** Add what the person said, and go to it. */
  own(bubble: HTMLElement): void {
    this.log.append(bubble);
    this.anchor = null;
    this.following = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Add one message with what belongs to it. The first after the person's own is what should be read first. */
  reply(reply: PublicReply, parts: HTMLElement[]): HTMLElement {
    if (reply.display === "quiet") this.clear();
    const message = element("div", { class: "message" }, ...parts);
    this.log.append(message);
    this.anchor ??= message;
    if (this.following) this.log.scrollTop = this.anchor.offsetTop - 8;
    return message;
  }

  /** Take everything away, silently. */
  clear(): void {
    this.log.replaceChildren();
    this.anchor = null;
  }

  /** Hide or show everything without having it announced again. */
  hide(hidden: boolean): void {
    this.log.setAttribute("aria-live", "off");
    this.log.hidden = hidden;
    if (!hidden) requestAnimationFrame(() => this.log.setAttribute("aria-live", "polite"));
  }

  /** Go to where the keyboard can go on reading. */
  focus(): void {
    this.log.focus();
  }
}
