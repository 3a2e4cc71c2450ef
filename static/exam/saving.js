// Saving: each change goes into the queue first, then to the server by htmx, one request at a time, oldest first.
// An entry leaves the queue only when the server has answered to this very change.

import { clientId, nextSequence } from "./identity.js";
import { at, positionOf, read } from "./question.js";

const PAUSES = [1000, 2000, 4000, 8000];
const LONGEST_PAUSE = 30_000;

// The fields of a save, as the server reads them.
function fields(entry) {
  const { choice, struck, highlight, flagged, seen, confidence } = entry.state;
  return [
    ...choice.map((token) => ["choice", token]),
    ...struck.map((token) => ["struck", token]),
    ...highlight.map((range) => ["highlight", range]),
    ...(flagged ? [["flagged", "1"]] : []),
    ...(seen ? [["seen", "1"]] : []),
    ...(confidence ? [["confidence", confidence]] : []),
    ["elapsed_ms", String(entry.state.elapsed_ms)],
    ["client_id", entry.client_id],
    ["client_seq", String(entry.client_seq)],
    ["idempotency_key", entry.idempotency_key],
    ["base_rev", String(entry.base_rev)],
  ];
}

// Dispatches "saved", "conflict" and "refused" (detail: the position, the message), "late" (the server's state),
// "login" and "status" (saved | saving | pending | refused).
export class Saver extends EventTarget {
  #queue;
  #connection;
  #current = null;
  #failures = 0;
  #timer = 0;
  #held = false;
  #restored;

  constructor(queue, connection) {
    super();
    this.#queue = queue;
    this.#restored = new Set(queue.entries().map((entry) => entry.idempotency_key)); // the page begins with these
    this.#connection = connection;
    connection.addEventListener("up", () => this.resume());
    connection.addEventListener("down", () => this.#tell());
    document.addEventListener("htmx:configRequest", (event) => this.#configure(event));
    document.addEventListener("htmx:beforeOnLoad", (event) => this.#beforeOnLoad(event));
    document.addEventListener("htmx:beforeSwap", (event) => this.#beforeSwap(event));
    document.addEventListener("htmx:afterRequest", (event) => this.#finished(event));
  }

  // Whether the server has asked to wait.
  get busy() {
    return this.#failures > 0 && this.#connection.up;
  }

  // Write down the state of a section as a change, then send it. A quiet one is not announced.
  record(section, quiet = false) {
    const sequence = nextSequence();
    const position = positionOf(section);
    const replaced = this.#queue.at(position);
    this.#queue.put({
      position,
      state: read(section),
      client_id: clientId,
      client_seq: sequence,
      idempotency_key: `${clientId}-${sequence}`,
      base_rev: Number(section.dataset.rev),
      quiet: quiet && (replaced?.quiet ?? true),
    });
    this.#tell();
    // After htmx has seen the same change: it usually sends it by itself.
    setTimeout(() => this.flush());
  }

  // Send the oldest waiting entry, if nothing is on its way.
  flush() {
    if (this.#current || this.#timer || this.#held || !this.#connection.up) return this.#tell();
    const entry = this.#queue.waiting()[0];
    const section = entry && at(entry.position);
    if (entry && !section) this.#queue.remove(entry);
    else if (section) htmx.trigger(section, "save");
    if (entry && !this.#current) setTimeout(() => this.flush(), PAUSES[0]);
  }

  // Forget pauses and log-ins that were waited for: try again now.
  resume() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#held = false;
    this.flush();
  }

  #configure(event) {
    const section = event.detail.elt;
    if (event.detail.verb !== "put" || !section.matches("section.question")) return;
    const entry = this.#claim(section);
    if (!entry) return event.preventDefault();
    const data = event.detail.formData;
    for (const name of new Set(data.keys())) data.delete(name);
    for (const [name, value] of fields(entry)) data.append(name, value);
  }

  #claim(section) {
    if (this.#current || this.#timer || this.#held || !this.#connection.up) return null;
    const entry = this.#queue.waiting().find((other) => other.position === positionOf(section));
    if (!entry) return null;
    if (!entry.sent) {
      // An own save may have been acknowledged since the change was made. A retry must not differ from the first try.
      if (entry.client_id === clientId) entry.base_rev = Math.max(entry.base_rev, Number(section.dataset.rev));
      entry.sent = true;
      this.#queue.amend(entry);
    }
    this.#current = entry;
    this.#tell();
    return entry;
  }

  #isOurs(event) {
    return this.#current && event.detail.requestConfig?.verb === "put"
      && event.detail.requestConfig.elt.dataset.position === String(this.#current.position);
  }

  #beforeOnLoad(event) {
    // A log-in page instead of an answer: stay, and ask here.
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) event.preventDefault();
  }

  #beforeSwap(event) {
    if (!this.#isOurs(event)) return;
    const outcome = event.detail.xhr.getResponseHeader("Cutscore-Outcome");
    const others = this.#queue.waiting().some((entry) => entry.idempotency_key !== this.#current.idempotency_key);
    if (event.detail.xhr.status === 409) event.detail.shouldSwap = outcome === "conflict";
    else event.detail.shouldSwap &&= !others && !this.#current.quiet;
  }

  #finished(event) {
    if (!this.#isOurs(event)) return;
    const entry = this.#current;
    const { xhr } = event.detail;
    this.#current = null;
    if (xhr.status) this.#connection.heard();
    this.#settle(entry, xhr);
    this.#tell();
    setTimeout(() => this.flush());
  }

  #settle(entry, xhr) {
    const redirected = xhr.getResponseHeader("HX-Redirect");
    if (xhr.status >= 200 && xhr.status < 300 && !redirected) return this.#saved(entry, xhr);
    if (xhr.status === 401 || redirected) return this.#hold();
    if (xhr.status === 409) return this.#conflict(entry, xhr);
    if (xhr.status === 0) return this.#connection.failed();
    if (xhr.status === 429 || xhr.status >= 500) return this.#pause(Number(xhr.getResponseHeader("Retry-After")) * 1000);
    this.#queue.amend({ ...entry, refused: true });
    this.#say("refused", { position: entry.position, message: plainText(xhr) });
  }

  #saved(entry, xhr) {
    this.#failures = 0;
    const rev = Number(xhr.getResponseHeader("Cutscore-Rev"));
    const section = at(entry.position);
    // The tabs share the queue. What another one changed since is not shown here: it is still to be fetched, and
    // a change based on what is shown is to be refused.
    const isShown = entry.client_id === clientId || this.#restored.has(entry.idempotency_key);
    if (isShown) section.dataset.rev = String(Math.max(rev, Number(section.dataset.rev)));
    this.#queue.remove(entry);
    const remaining = xhr.getResponseHeader("Cutscore-Remaining");
    this.#say("saved", { position: entry.position, remaining: remaining ? Number(remaining) : null });
  }

  #conflict(entry, xhr) {
    const outcome = xhr.getResponseHeader("Cutscore-Outcome");
    if (outcome === "conflict") {
      this.#queue.forget(entry.position);
      return this.#say("conflict", entry);
    }
    // Paused: nothing was taken. The entry stays in the queue and is sent when the exam is resumed.
    if (outcome === "paused") {
      this.#held = true;
      return this.#say("late", outcome);
    }
    // Too late: the server has kept it, unscored. The rest is sent as well before the page is left.
    this.#queue.remove(entry);
    if (!this.#queue.waiting().length) this.#say("late", xhr.getResponseHeader("Cutscore-State"));
  }

  #hold() {
    this.#held = true;
    this.#say("login", null);
  }

  #pause(asked) {
    const planned = PAUSES[Math.min(this.#failures, PAUSES.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.resume(), Math.min(Math.max(planned, asked || 0), LONGEST_PAUSE));
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #tell() {
    const waiting = this.#queue.waiting();
    const stuck = this.#held || this.#timer || !this.#connection.up;
    let status = this.#current ? "saving" : "pending";
    if (!waiting.length) status = this.#queue.entries().length ? "refused" : "saved";
    const loud = waiting.some((entry) => !entry.quiet);
    this.#say("status", { status: waiting.length && stuck ? "pending" : status, loud });
  }
}

function plainText(xhr) {
  const text = xhr.responseText.trim();
  return text && text.length < 300 && !text.includes("<") ? text : `The server refused it (${xhr.status}).`;
}
