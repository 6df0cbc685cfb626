// The message box of a talk. Words leave in order and exactly once: each keeps its id until it has arrived, and stays on
// the page until then. What was said comes by htmx (templates/chat/talk.html).
const AGAIN_AFTER_MS = 2000;
const TYPING_EVERY_MS = 3000;
const LOST_AFTER_MS = 2000;

const link = document.getElementById("link");
const log = document.getElementById("log");
const list = document.getElementById("unsent");
/** @type {{id: string, text: string, address: string, item: HTMLElement}[]} */
const unsent = [];
let sending = false;
let lost = false;
let losing;
let typed = 0;

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const tell = (name) => {
  const words = link.dataset[name] ?? "";
  if (link.textContent !== words) link.textContent = words;
};

function linkLost() {
  losing ??= setTimeout(() => {
    lost = true;
    tell("lost");
  }, LOST_AFTER_MS);
}

function linkFound() {
  clearTimeout(losing);
  losing = undefined;
  if (lost) tell("found");
  lost = false;
}

function post(address, fields) {
  const headers = { "X-CSRF-Token": csrf(), "HX-Request": "true" };
  return fetch(address, { method: "POST", headers, body: new URLSearchParams(fields), redirect: "error" });
}

/** A message that waits, shown until it has arrived. */
function add(form) {
  const box = form.elements.namedItem("text");
  const text = box.value.trim();
  if (!text) return;
  const item = document.createElement("li");
  item.className = "app-said app-said--unsent";
  const words = document.createElement("p");
  words.className = "app-said__text";
  words.textContent = text;
  item.append(words);
  list.append(item);
  unsent.push({ id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, text, address: form.action, item });
  box.value = "";
  box.focus();
  void sendAll();
}

async function sendAll() {
  if (sending) return;
  sending = true;
  while (unsent.length > 0) {
    const [first] = unsent;
    const outcome = await attempt(first);
    if (outcome === "again") {
      await wait(AGAIN_AFTER_MS);
      continue;
    }
    unsent.shift();
    if (outcome === "sent") first.item.remove();
    else giveBack(first, outcome);
  }
  sending = false;
}

/** "sent", "again", or the words in which it was refused. */
async function attempt(message) {
  try {
    const answer = await post(message.address, { text: message.text, client_id: message.id });
    if (answer.headers.has("HX-Redirect")) {
      tell("out");
      return "again";
    }
    if (answer.status >= 500 || answer.status === 429) {
      linkLost();
      return "again";
    }
    linkFound();
    return answer.ok ? "sent" : await answer.text();
  } catch {
    linkLost();
    return "again";
  }
}

function giveBack(message, why) {
  const reason = document.createElement("p");
  reason.className = "govuk-error-message";
  reason.setAttribute("role", "alert");
  reason.textContent = why.trim();
  const back = document.createElement("button");
  back.type = "button";
  back.className = "govuk-button govuk-button--secondary";
  back.textContent = list.dataset.back;
  back.addEventListener("click", () => {
    const box = document.querySelector(".js-say textarea");
    if (!box) return;
    box.value = [box.value, message.text].filter(Boolean).join("\n");
    message.item.remove();
    box.focus();
  });
  message.item.append(reason, back);
}

function startTalk() {
  const nearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  let follow = true;
  let leaving = false;
  log.scrollTop = log.scrollHeight;
  document.addEventListener("submit", (event) => {
    leaving = !event.defaultPrevented && !event.target.matches(".js-say, [hx-post]");
    if (!event.target.matches(".js-say")) return;
    event.preventDefault();
    add(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(".js-say");
    if (!form || event.target.name !== "text" || event.key !== "Enter") return;
    if (event.shiftKey || event.isComposing) return;
    event.preventDefault();
    add(form);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.(".js-say");
    if (!form || Date.now() - typed < TYPING_EVERY_MS) return;
    typed = Date.now();
    post(form.dataset.typing, {}).catch(linkLost);
  });
  // A form of the side panel that has sent something gets an id for the next one.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const id = event.target.querySelector?.('input[name="client_id"]');
    if (event.detail.successful && id) id.value = `${Date.now()}-${Math.random()}`.slice(0, 64);
  });
  // Whoever sends a form away from here is on their way: what the page would fetch meanwhile must not overtake it.
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (leaving && event.detail.elt === log) event.preventDefault();
  });
  // Refusals of the side panel are said, too.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 409 && event.detail.target.id === "panel-state") event.detail.shouldSwap = true;
    follow = nearEnd();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === log && follow) log.scrollTop = log.scrollHeight;
  });
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const within = event.detail.target.contains(document.activeElement);
    if (event.detail.target.id === "writing" && within) {
      setTimeout(() => document.getElementById("writing-title")?.focus());
    }
  });
  for (const name of ["htmx:sseOpen", "htmx:sseMessage"]) document.body.addEventListener(name, linkFound);
  document.body.addEventListener("htmx:sseError", linkLost);
  window.addEventListener("offline", linkLost);
  window.addEventListener("beforeunload", (event) => {
    if (unsent.length > 0) event.preventDefault();
  });
}

if (log) startTalk();
