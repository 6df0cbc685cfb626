// The plain page: sends what is typed, shows what comes back. Words and token live in this page only, never in storage.

const log = document.getElementById("log");
const state = document.getElementById("state");
const form = document.getElementById("form");
const text = document.getElementById("text");
const scroller = document.querySelector("main");

let token = null;
let cursor = 0;
let ended = false;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function call(method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(`/api/v1/${path}`, {
    method, headers, body: body && JSON.stringify(body), cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status, text: answer.text });
  return answer;
}

function element(name, className, words) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (words !== undefined) made.textContent = words;
  return made;
}

function link(title, url) {
  const made = element("a", "", title);
  made.href = url;
  made.rel = "noreferrer noopener";
  made.target = "_blank";
  return made;
}

function contactLine(contact) {
  const line = element("li");
  if (contact.number !== contact.name) line.append(element("strong", "", contact.name));
  if (contact.number) {
    const digits = contact.number.match(/^[\d ]+$/);
    const number = digits ? element("a", "", contact.number) : element("span", "", contact.number);
    if (digits) number.href = `tel:${contact.number.replaceAll(" ", "")}`;
    number.dir = "ltr";
    line.append(contact.number !== contact.name ? ": " : "", number);
  } else if (contact.url) {
    line.append(": ", link("website", contact.url));
  }
  if (contact.note) line.append(` (${contact.note})`);
  return line;
}

// Several bubbles answer one message: the first of them is what should be read first, so it is scrolled to the top.
function showAll(replies) {
  const fresh = replies.filter((reply) => reply.number > cursor).map(show);
  if (fresh.length) scroller.scrollTop = fresh[0].offsetTop - scroller.offsetTop - 8;
}

function show(reply) {
  cursor = reply.number;
  if (reply.display === "quiet") log.replaceChildren();
  const bubble = element("div", "bubble");
  bubble.lang = reply.language;
  bubble.dir = reply.direction;
  for (const paragraph of reply.text.split("\n\n")) bubble.append(element("p", "", paragraph));
  if (reply.contacts.length) {
    const list = element("ul");
    list.append(...reply.contacts.map(contactLine));
    bubble.append(list);
  }
  if (reply.source) bubble.append(element("p", "source", reply.source.text));
  if (reply.links.length) {
    const list = element("ul");
    for (const { title, url } of reply.links) {
      const line = element("li");
      line.append(link(title, url));
      list.append(line);
    }
    bubble.append(list);
  }
  log.append(bubble);
  if (reply.buttons.length) log.append(choices(reply, bubble));
  state.textContent = "";
  return bubble;
}

function choices(reply, bubble) {
  const row = element("div", "choices");
  for (const { id, title, action } of reply.buttons) {
    const button = element("button", "", title);
    button.type = "button";
    button.addEventListener("click", () => {
      if (action === "hide") { bubble.remove(); row.remove(); text.focus(); return; }
      if (action === "exit") { leave(); return; }
      if (action === "erase") { erase(); return; }
      for (const other of row.children) other.disabled = true;
      say(title);
      send({ button: id });
    });
    row.append(button);
  }
  return row;
}

function say(words) {
  log.append(element("div", "bubble mine", words));
  scroller.scrollTop = scroller.scrollHeight;
}

async function send(message) {
  const body = { client_id: crypto.randomUUID(), ...message };
  state.textContent = "Sending.";
  // The same client id each time: a repeat is harmless, a loss is not.
  for (let wait = 1000; !ended; wait = Math.min(2 * wait, 15000)) {
    try {
      await call("POST", "messages", body);
      state.textContent = "The assistant is answering.";
      return;
    } catch (error) {
      if (error.status) { state.textContent = error.text; if (error.status !== 503) return; }
      else state.textContent = "No connection. Your message is kept here and sent again. In danger now? Call 999.";
      await pause(wait);
    }
  }
}

async function read() {
  for (let wait = 1000; !ended; ) {
    try {
      const { replies } = await call("GET", `replies?after=${cursor}&wait=20`);
      showAll(replies);
      wait = 1000;
    } catch (error) {
      if (error.status === 401) { ended = true; state.textContent = error.text; return; }
      if (!ended) state.textContent = "No connection. Trying again. In danger now? Call 999.";
      await pause(wait);
      wait = Math.min(2 * wait, 15000);
    }
  }
}

async function start() {
  for (let wait = 1000; !token; wait = Math.min(2 * wait, 15000)) {
    try {
      const started = await call("POST", "conversations", { language: navigator.language });
      token = started.token;
      showAll(started.replies);
    } catch (error) {
      state.textContent = error.text || "No connection yet. Trying again. In danger now? Call 999.";
      await pause(wait);
    }
  }
  read();
}

function blank() {
  ended = true;
  document.title = "";
  document.body.replaceChildren();
}

function leave() {
  const exit = document.body.dataset.exit;
  blank();
  if (token) fetch("/api/v1/end", { method: "POST", headers: { Authorization: `Bearer ${token}` }, keepalive: true });
  window.top.location.replace(exit);
}

async function erase() {
  try {
    const done = await call("DELETE", "conversation");
    ended = true;
    log.replaceChildren();
    state.textContent = done.text;
  } catch (error) {
    state.textContent = error.text || "That did not reach us, so nothing is erased yet. Please try again.";
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words || ended || !token) return;
  text.value = "";
  say(words);
  send({ text: words });
  text.focus();
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
});
document.getElementById("exit").addEventListener("click", leave);
document.getElementById("erase").addEventListener("click", erase);

let shifts = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift" || event.repeat) { shifts = []; return; }
  shifts = [...shifts.filter((at) => event.timeStamp - at < 5000), event.timeStamp];
  if (shifts.length === 3) leave();
});
window.addEventListener("pagehide", () => {
  if (token && !ended) fetch("/api/v1/away", { method: "POST", headers: { Authorization: `Bearer ${token}` }, keepalive: true });
});
// A page taken back from the browser's memory shows nothing of before.
window.addEventListener("pageshow", (event) => { if (event.persisted) { blank(); window.location.reload(); } });

start();
