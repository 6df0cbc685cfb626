// The chat page: puts its parts together. Words and token live here only, never in the browser's storage.

import { Api, Refused } from "./api";
import { bubble, freeButtons, handOffWords, ownBubble } from "./bubble";
import { choices, settle, type Chosen } from "./choices";
import { Composer } from "./composer";
import type { Erased, HandOff, PublicButton, PublicReply, ResumedChat, Words } from "./contract";
import { Conversation, type Said, type State } from "./conversation";
import { byId, element } from "./dom";
import { blank, leave, onThreeShifts, tellLoader, type ToFrame } from "./exit";
import { feedback } from "./feedback";
import { Lock, pinForm } from "./lock";
import { eraseQuestion, languagePicker, looks } from "./options";
import { paper } from "./papers";
import { askForPin, keep, kept } from "./resume";
import { Transcript } from "./transcript";
import { language, say, useWords } from "./words";

const TYPING_MS = 6000;
/** Far more than the gateway reads of a message, far less than what slows a phone down. */
const LONGEST = 50_000;
const page = document.body.dataset;
const framed = page.framed === "true";

class Chat implements Chosen {
  private readonly api = new Api();
  private readonly transcript = new Transcript(byId("log"));
  private readonly state = byId("state");
  private readonly handOff = byId("hand-off");
  private readonly composer = new Composer(
    byId("form"),
    byId("text"),
    byId("text-label"),
    byId("text-help"),
    (words) => this.own(words, { text: words }),
  );
  private readonly conversation = new Conversation(this.api, {
    replies: (replies) => replies.forEach((reply) => this.show(reply)),
    state: (state, words) => this.tell(state, words),
    ended: (words) => this.over(words || say("ended")),
    typing: () => this.someoneTypes(),
  });
  private readonly lock: Lock;
  private talking = false;
  private typedAt = 0;
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.lock = new Lock(Number(page.lockMinutes), Number(page.idleMinutes), {
      hide: () => this.hide(),
      show: () => this.unhide(),
      lost: () => this.forget(say("pin_lost")),
      expired: () => this.forget(say("ended")),
    });
    pinForm(this.lock, (pin) => this.choosePin(pin));
    looks();
    languagePicker(this.api, (tag) => void this.conversation.say({ language: tag }).catch(() => {}));
    eraseQuestion(() => this.erase());
    byId("hide").addEventListener("click", () => this.lock.lock());
    byId("exit").addEventListener("click", () => this.exit());
    byId("again").addEventListener("click", () => window.location.reload());
    document.getElementById("close")?.addEventListener("click", () => tellLoader({ assistant: "close" }));
    onThreeShifts(document, () => this.exit(), byId("leaving"));
    window.addEventListener("message", (event: MessageEvent<ToFrame>) => {
      // Whoever frames the page may make it leave, and nothing else.
      if (event.source === window.parent && event.data?.assistant === "leave") this.exit();
    });
    byId("text").addEventListener("input", () => this.types());
    this.followThePage();
  }

  /** Begin, or ask for the PIN where this tab has been here before. */
  start(): void {
    const resume = framed ? null : kept();
    if (resume === null) return this.begin();
    this.cover(true);
    askForPin(resume, this.api, {
      resumed: (chat, pin) => this.takeUp(chat, pin),
      anew: () => {
        keep(null);
        this.cover(false);
        this.begin();
        this.composer.focus();
      },
    });
  }

  // --- what is pressed

  press(pressed: PublicButton, row: HTMLElement): void {
    if (pressed.action === "exit") return this.exit();
    if (pressed.action === "erase") return void this.erase();
    if (pressed.action === "hide") {
      row.closest(".message")?.remove();
      this.composer.focus();
      return;
    }
    const message = row.closest<HTMLElement>(".message") ?? row;
    // The quiet card stays as it is: "Go on" is the way out, also after "Numbers".
    if (!message.querySelector(".quiet")) settle(message);
    this.own(pressed.title, { button: pressed.id });
  }

  answer(text: string, shown: string): void {
    this.own(shown, { text });
  }

  // --- what is said and heard

  private own(words: string, said: Said): void {
    if (!this.conversation.live) return;
    if (words.length > LONGEST) {
      this.composer.giveBack(words);
      this.state.textContent = say("too_long");
      return;
    }
    const mine = ownBubble(words);
    const unsent = element("span", { class: "unsent", "aria-hidden": "true" }, ` ${say("not_sent")}`);
    mine.append(unsent);
    this.transcript.own(mine);
    this.conversation.say(said).then(
      () => unsent.remove(),
      (error: unknown) => {
        // Refused as it is: the words go back to where they can be changed.
        mine.remove();
        if ("text" in said) this.composer.giveBack(words);
        this.state.textContent = error instanceof Refused ? error.words : say("offline");
      },
    );
  }

  private show(reply: PublicReply): void {
    const parts = [bubble(reply, this), ...reply.documents.map((one) => paper(one, this.api)), ...choices(reply, this)];
    if (reply.topic && freeButtons(reply).length) {
      parts.push(feedback(reply.number, (judged) => void this.api.feedback(judged).catch(() => {})));
    }
    // Someone else may be looking: what the page itself says about danger folds away, too, until that is over.
    document.body.toggleAttribute("data-quiet", reply.quiet);
    this.transcript.reply(reply, parts);
    this.composer.ask(reply.field);
    if (reply.hand_off) this.handedOff(reply.hand_off);
    this.stopTyping();
  }

  /** Staff have the chat, or are waited for: it lasts longer, and they see when the person types. */
  private handedOff(now: HandOff): void {
    const words = handOffWords(now);
    // The same words again would be read out again.
    if (this.handOff.textContent !== words) this.handOff.textContent = words;
    this.lock.expires = Number(now.state === "ended" ? page.idleMinutes : page.handOffMinutes);
    this.talking = now.state === "talking";
  }

  private types(): void {
    if (!this.talking || Date.now() - this.typedAt < TYPING_MS / 2) return;
    this.typedAt = Date.now();
    this.api.tell("typing");
  }

  private tell(state: State, words = ""): void {
    this.state.textContent = state === "idle" ? "" : words || say(state);
  }

  private someoneTypes(): void {
    this.state.textContent = say("typing");
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.stopTyping(), TYPING_MS);
  }

  private stopTyping(): void {
    if (this.typing === undefined) return;
    clearTimeout(this.typing);
    this.typing = undefined;
    this.state.textContent = "";
  }

  // --- coming back

  private begin(): void {
    void this.conversation.start(language());
  }

  /** In a frame the browser keeps no place in the history that would come back with it. */
  private async choosePin(pin: string): Promise<boolean> {
    if (framed) return false;
    try {
      keep((await this.api.choosePin(pin)).resume);
      return true;
    } catch {
      return false;
    }
  }

  private takeUp(chat: ResumedChat, pin: string): void {
    keep(chat.resume);
    this.lock.choose(pin);
    this.transcript.hide(true);
    const own = [...chat.own];
    for (const reply of chat.replies) {
      for (; own[0]?.reply === reply.number; own.shift()) this.transcript.own(ownBubble(own[0].text));
      this.show(reply);
    }
    for (const { text } of own) this.transcript.own(ownBubble(text));
    this.cover(false);
    this.transcript.hide(false);
    this.transcript.focus();
    this.conversation.goOn(chat.token, chat.replies.at(-1)?.number ?? 0);
  }

  // --- hiding, ending, leaving

  private hide(): void {
    this.conversation.pause();
    this.cover(true);
    this.transcript.hide(true);
  }

  private unhide(): void {
    this.cover(false);
    this.transcript.hide(false);
    this.transcript.focus();
    this.conversation.listen();
  }

  /** Put the chat and its options out of sight, or back. */
  private cover(covered: boolean): void {
    byId("chat").hidden = covered;
    byId<HTMLDetailsElement>("options").open = false;
    byId("options").hidden = covered;
  }

  /** Over, with its words taken from the page. */
  private forget(words: string): void {
    this.api.tell("end");
    this.transcript.clear();
    this.over(words);
  }

  private over(words: string): void {
    this.conversation.close();
    this.lock.stop();
    this.api.token = null;
    keep(null);
    this.cover(false);
    this.transcript.hide(false);
    this.composer.close();
    this.handOff.textContent = "";
    this.state.textContent = words;
    byId("over").hidden = false;
  }

  private async erase(): Promise<void> {
    let erased: Erased;
    try {
      erased = await this.api.erase();
    } catch (error) {
      this.state.textContent = error instanceof Refused ? error.words : say("erase_failed");
      return;
    }
    this.transcript.clear();
    this.over(erased.text);
  }

  private exit(): void {
    keep(null);
    this.api.tell("end");
    this.conversation.close();
    leave(page.exit ?? "about:blank", framed);
  }

  private followThePage(): void {
    document.addEventListener("visibilitychange", () => {
      // A hidden page stops asking, so that its token ends in time; it takes up again where it was.
      if (document.hidden) this.conversation.pause();
      else if (!this.lock.closed) this.conversation.listen();
    });
    window.addEventListener("pagehide", () => {
      if (this.conversation.live) this.api.tell("away");
    });
    window.addEventListener("pageshow", (event) => {
      // A page taken back from the browser's memory shows nothing of before.
      if (!event.persisted) return;
      blank();
      window.location.reload();
    });
  }
}

useWords(JSON.parse(page.page ?? "{}") as Words);
new Chat().start();
