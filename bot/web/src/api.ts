// Calls to the gateway. Nothing is stored, no cookie is sent, and the token never stands in an address.

import { EventSource } from "eventsource";

import type { Erased, Feedback, PinChosen, Problem, PublicReply, ResumedChat, Send, Started, Words } from "./contract";

/** The gateway refused, with words that may be shown. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly words: string,
  ) {
    super(`refused: ${status}`);
  }

  /** Whether the same request may work later. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429;
  }
}

/** What a stream of replies tells. */
export interface StreamEvents {
  reply(reply: PublicReply): void;
  typing(): void;
  ended(): void;
  connected(): void;
  lost(status: number | undefined): void;
}

/** The gateway this page came from. */
export class Api {
  token: string | null = null;

  start(language: string): Promise<Started> {
    return this.call("POST", "conversations", { language });
  }

  send(message: Send): Promise<unknown> {
    return this.call("POST", "messages", message);
  }

  feedback(feedback: Feedback): Promise<unknown> {
    return this.call("POST", "feedback", feedback);
  }

  /** Choose the PIN with which this conversation can be gone on with. */
  choosePin(pin: string): Promise<PinChosen> {
    return this.call("PUT", "pin", { pin });
  }

  resume(resume: string, pin: string): Promise<ResumedChat> {
    return this.call("POST", "resume", { resume, pin });
  }

  /** Erase the conversation; the answer says what stays, if anything does. */
  erase(): Promise<Erased> {
    return this.call("DELETE", "conversation");
  }

  words(language: string): Promise<Words> {
    return this.call("GET", `words?language=${encodeURIComponent(language)}`);
  }

  /** Tell the gateway something to which no answer is waited for, such as on the way out. */
  tell(what: "end" | "away" | "typing"): void {
    if (!this.token) return;
    void fetch(`/api/v1/${what}`, { ...quiet, method: "POST", headers: this.headers(), keepalive: true }).catch(() => {});
  }

  /** A paper made for this conversation. */
  async paper(kind: string, media: string): Promise<Blob> {
    const headers = { ...this.headers(), Accept: media };
    const response = await fetch(`/api/v1/papers/${encodeURIComponent(kind)}`, { ...quiet, headers });
    if (!response.ok) throw new Refused(response.status, "");
    return response.blob();
  }

  /** Replies as they come, from a number on; reconnects by itself after the last one received. Returns what stops it. */
  stream(after: number, events: StreamEvents): () => void {
    const source = new EventSource(`/api/v1/replies/stream?after=${after}`, {
      fetch: (input, init) => fetch(input, { ...init, ...quiet, headers: { ...init.headers, ...this.headers() } }),
    });
    source.addEventListener("reply", (event) => events.reply(JSON.parse(event.data) as PublicReply));
    source.addEventListener("typing", () => events.typing());
    source.addEventListener("ended", () => {
      source.close();
      events.ended();
    });
    source.addEventListener("open", () => events.connected());
    source.addEventListener("error", (event) => events.lost(event.code));
    return () => source.close();
  }

  private headers(): Record<string, string> {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = body ? { ...this.headers(), "Content-Type": "application/json" } : this.headers();
    const response = await fetch(`/api/v1/${path}`, { ...quiet, method, headers, body: body && JSON.stringify(body) });
    if (response.ok) return (response.status === 204 || response.status === 202 ? {} : await response.json()) as T;
    const problem = (await response.json().catch(() => ({ text: "" }))) as Problem;
    throw new Refused(response.status, problem.text);
  }
}

const quiet = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" } as const;
