import type { PublicReply } from "../src/contract";

/** A reply with everything empty but what is given. */
export function reply(given: Partial<PublicReply> = {}): PublicReply {
  return {
    number: 1,
    text: "Words.",
    display: "plain",
    buttons: [],
    links: [],
    contacts: [],
    topic: null,
    right: null,
    language: "en",
    direction: "ltr",
    source: null,
    drawn_text: "",
    limits: [],
    field: null,
    lines: [],
    timeline: [],
    documents: [],
    hand_off: null,
    quiet: false,
    ...given,
  };
}
