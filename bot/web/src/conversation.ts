// One conversation: what is said leaves in order and exactly once, what comes is told in order and exactly once.

import pRetry from "p-retry";

import { Api, Refused } from "./api";
import type { PublicReply } from "./contract";

export type State = "connecting" | "sending" | "answering" | "offline" | "idle";

/** What the page does with a conversation's news. */
export interface Listener {
  replies(replies: readonly PublicReply[]): void;
  /** `words` come from the gateway, where it gave some. */
  state(state: State, words?: string): void;
  /** Nothing more can be said; `words` say why, where the gateway gave some. */
  ended(words: string): void;
  typing(): void;
}

/** What is said: words, a button, or a language to go on in. */
export type Said = { text: string } | { button: string } | { language: string };

/** How long a lost stream may be silent about it: a proxy that cuts streams now and then worries nobody. */
const LOST_AFTER_MS = 4000;
const AGAIN_AFTER_MS = 2000;
const patience = { retries: Number.POSITIVE_INFINITY, minTimeout: 1000, maxTimeout: 15000, factor: 2, randomize: true };

export class Conversation {
  private cursor = 0;
  private open = true;
  private stop: (() => void) | null = null;
  private lost: ReturnType<typeof setTimeout> | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private unsent = 0;
  private readonly closed = new AbortController();

  constructor(
    private readonly api: Api,
    private readonly listener: Listener,
  ) {}

  /** Whether more can be said. */
  get live(): boolean {
    return this.open;
  }

  /** Begin, however long it takes to reach the gateway. */
  async start(language: string): Promise<void> {
    const started = await this.patiently(() => this.api.start(language));
    if (!started) return;
    this.api.token = started.token;
    this.hear(started.replies);
    this.listen();
  }

  /** Go on with a conversation of before, from the last reply that is on the page. */
  goOn(token: string, heard: number): void {
    this.api.token = token;
    this.cursor = heard;
    this.listener.state("idle");
    this.listen();
  }

  /** Say something. Resolves once the gateway has it; rejects with `Refused` where it does not take it. */
  say(said: Said): Promise<void> {
    // The same id at each attempt: a repeat is harmless, a loss is not.
    const message = { client_id: crypto.randomUUID(), ...said };
    const heard = this.cursor;
    this.unsent += 1;
    this.listener.state("sending");
    const sent = this.last.then(() => this.patiently(() => this.api.send(message)));
    this.last = sent.catch(() => {});
    return sent.then(
      // The answer may be here before the word that the message has arrived.
      () => this.left(this.cursor > heard ? "idle" : "answering"),
      (error: unknown) => {
        this.left("idle");
        throw error;
      },
    );
  }

  /** Listen for replies, from the last one heard on. */
  listen(): void {
    if (!this.open || !this.api.token) return;
    this.pause();
    this.stop = this.api.stream(this.cursor, {
      reply: (reply) => this.hear([reply]),
      typing: () => this.listener.typing(),
      ended: () => this.over(""),
      connected: () => this.found(),
      lost: (status) => this.lostLink(status),
    });
  }

  /** Stop listening; the gateway then counts the time until the token ends. */
  pause(): void {
    this.stop?.();
    this.stop = null;
    clearTimeout(this.lost);
    this.lost = undefined;
  }

  /** Nothing more is said or heard. */
  close(): void {
    this.open = false;
    this.pause();
    this.closed.abort();
  }

  private hear(replies: readonly PublicReply[]): void {
    const fresh = replies.filter((reply) => reply.number > this.cursor);
    const newest = fresh.at(-1);
    if (!newest || !this.open) return;
    this.cursor = newest.number;
    if (this.unsent === 0) this.listener.state("idle");
    this.listener.replies(fresh);
  }

  private left(state: State): void {
    this.unsent -= 1;
    if (this.open && this.unsent === 0) this.listener.state(state);
  }

  private found(): void {
    if (this.lost === undefined) return;
    clearTimeout(this.lost);
    this.lost = undefined;
    this.listener.state("idle");
  }

  private lostLink(status: number | undefined): void {
    if (status === 401) {
      this.over("");
      return;
    }
    this.lost ??= setTimeout(() => this.listener.state("offline"), LOST_AFTER_MS);
    // A refusal ends the stream for good, so it is opened anew; everything else it takes up by itself.
    if (status !== undefined) setTimeout(() => this.stop && this.listen(), AGAIN_AFTER_MS);
  }

  private over(words: string): void {
    if (!this.open) return;
    this.close();
    this.listener.ended(words);
  }

  /** The answer to a call that is repeated until it arrives; undefined where the conversation ended meanwhile. */
  private async patiently<T>(call: () => Promise<T>): Promise<T | undefined> {
    if (!this.open) return undefined;
    try {
      return await pRetry(call, {
        ...patience,
        signal: this.closed.signal,
        shouldRetry: ({ error }) => !(error instanceof Refused) || error.passing,
        onFailedAttempt: ({ error }) => {
          if (!(error instanceof Refused)) this.listener.state("offline");
          else if (error.passing) this.listener.state("offline", error.words);
        },
      });
    } catch (error) {
      if (!this.open) return undefined;
      if (!(error instanceof Refused && error.status === 401)) throw error;
      this.over(error.words);
      return undefined;
    }
  }
}
