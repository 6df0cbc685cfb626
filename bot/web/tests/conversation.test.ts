import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Api, Refused, type StreamEvents } from "../src/api";
import type { PublicReply, Send } from "../src/contract";
import { Conversation, type State } from "../src/conversation";
import { reply } from "./replies";

/** A gateway that takes or refuses what it is told to. */
class StandInApi extends Api {
  taken: Send[] = [];
  trouble: Error[] = [];
  streams: { after: number; events: StreamEvents; stopped: boolean }[] = [];

  override async start() {
    return { token: "t", replies: [reply({ number: 1, text: "first words" })], demo: true };
  }

  override async send(message: Send) {
    const error = this.trouble.shift();
    if (error) throw error;
    this.taken.push(message);
  }

  override stream(after: number, events: StreamEvents) {
    const stream = { after, events, stopped: false };
    this.streams.push(stream);
    return () => (stream.stopped = true);
  }

  get events(): StreamEvents {
    return this.streams.at(-1)!.events;
  }
}

const api = new StandInApi();
let heard: string[];
let states: State[];
let ended: string[];
let conversation: Conversation;

beforeEach(async () => {
  vi.useFakeTimers();
  Object.assign(api, { taken: [], trouble: [], streams: [], token: null });
  [heard, states, ended] = [[], [], []];
  conversation = new Conversation(api, {
    replies: (replies: readonly PublicReply[]) => heard.push(...replies.map(({ text }) => text)),
    state: (state) => states.push(state),
    ended: (words) => ended.push(words),
    typing: () => {},
  });
  await conversation.start("en");
});

afterEach(() => vi.useRealTimers());

const lost = () => new TypeError("Failed to fetch");

test("it begins with the first words and listens from there", () => {
  expect(heard).toEqual(["first words"]);
  expect(api.streams.map(({ after }) => after)).toEqual([1]);
});

test("a reply that comes twice is told once", () => {
  api.events.reply(reply({ number: 2, text: "two" }));
  api.events.reply(reply({ number: 2, text: "two" }));
  api.events.reply(reply({ number: 1, text: "first words" }));
  expect(heard).toEqual(["first words", "two"]);
});

test("after a pause it takes up after the last reply heard", () => {
  api.events.reply(reply({ number: 7 }));
  conversation.pause();
  conversation.listen();
  expect(api.streams.map(({ after, stopped }) => [after, stopped])).toEqual([
    [1, true],
    [7, false],
  ]);
});

test("messages leave in the order they were said, whatever happens to the first", async () => {
  api.trouble = [lost(), lost()];
  const said = ["a", "b", "c"].map((text) => conversation.say({ text }));
  await vi.runAllTimersAsync();
  await Promise.all(said);
  expect(api.taken.map(({ text }) => text)).toEqual(["a", "b", "c"]);
});

test("each attempt at a message has the same id, each message its own", async () => {
  const attempts: string[] = [];
  vi.spyOn(api, "send").mockImplementation(async ({ client_id }) => {
    attempts.push(client_id);
    if (attempts.length < 3) throw lost();
  });
  const said = [conversation.say({ text: "a" }), conversation.say({ text: "b" })];
  await vi.runAllTimersAsync();
  await Promise.all(said);
  expect(new Set(attempts.slice(0, 3)).size).toBe(1);
  expect(attempts[3]).not.toBe(attempts[0]);
  vi.restoreAllMocks();
});

test("without a link it says so, and that it waits for an answer once the link is back", async () => {
  api.trouble = [lost()];
  const said = conversation.say({ text: "a" });
  await vi.runAllTimersAsync();
  await said;
  expect(states).toEqual(["idle", "sending", "offline", "answering"]);
});

test("an answer that is here before its message was confirmed is not waited for", async () => {
  vi.spyOn(api, "send").mockImplementationOnce(async () => api.events.reply(reply({ number: 2 })));
  await conversation.say({ text: "a" });
  expect(states.at(-1)).toBe("idle");
});

test("what the gateway refuses is not tried again", async () => {
  api.trouble = [new Refused(413, "too long")];
  await expect(conversation.say({ text: "a" })).rejects.toMatchObject({ words: "too long" });
  expect(api.taken).toEqual([]);
  expect(conversation.live).toBe(true);
});

test("a refusal of one message does not hold up the next", async () => {
  api.trouble = [new Refused(400, "")];
  const [first, second] = [conversation.say({ text: "a" }), conversation.say({ text: "b" })];
  await expect(first).rejects.toThrow();
  await second;
  expect(api.taken.map(({ text }) => text)).toEqual(["b"]);
});

test("a token that works no more ends the conversation", async () => {
  api.trouble = [new Refused(401, "This chat has ended.")];
  await conversation.say({ text: "a" });
  expect(ended).toEqual(["This chat has ended."]);
  expect(conversation.live).toBe(false);
});

test("a short break of the stream worries nobody", () => {
  api.events.lost(undefined);
  vi.advanceTimersByTime(3000);
  api.events.connected();
  vi.advanceTimersByTime(60_000);
  expect(states).not.toContain("offline");
});

test("a longer one is said, and taken back", () => {
  api.events.lost(undefined);
  vi.advanceTimersByTime(5000);
  expect(states.at(-1)).toBe("offline");
  api.events.lost(undefined);
  vi.advanceTimersByTime(5000);
  api.events.connected();
  expect(states.at(-1)).toBe("idle");
});

test("a stream that was refused is opened anew", () => {
  api.events.lost(503);
  vi.advanceTimersByTime(2000);
  expect(api.streams).toHaveLength(2);
});

test("a stream whose token works no more ends the conversation", () => {
  api.events.lost(401);
  expect(ended).toEqual([""]);
  vi.advanceTimersByTime(60_000);
  expect(api.streams).toHaveLength(1);
});

test("nothing is heard of a conversation that is closed", () => {
  conversation.close();
  api.events.reply(reply({ number: 2, text: "late" }));
  expect(heard).toEqual(["first words"]);
});
