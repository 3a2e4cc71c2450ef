// Keeping in step with the server: the time left, the state of the attempt, and answers given in another tab.

import { at } from "./question.js";

const EVERY = Number(document.getElementById("exam").dataset.look) * 1000;

// Dispatches "state" (detail: what the server said) and "login".
export class Sync extends EventTarget {
  #attempt;
  #queue;
  #connection;
  #asking = false;

  constructor(attempt, queue, connection) {
    super();
    this.#attempt = attempt;
    this.#queue = queue;
    this.#connection = connection;
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
    addEventListener("pageshow", (event) => event.persisted && this.now());
    connection.addEventListener("up", () => this.now());
    setInterval(() => document.hidden || this.now(), EVERY);
    document.addEventListener("htmx:beforeSwap", (event) => this.#beforeSwap(event));
  }

  async now() {
    if (this.#asking || !this.#connection.up) return;
    this.#asking = true;
    try {
      await this.#ask();
    } catch {
      this.#connection.failed();
    } finally {
      this.#asking = false;
    }
  }

  async #ask() {
    const answer = await fetch(`/attempts/${this.#attempt}/state`, {
      cache: "no-store",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.status === 401) return this.dispatchEvent(new Event("login"));
    if (!answer.ok) return;
    const said = await answer.json();
    this.#connection.heard();
    this.dispatchEvent(new CustomEvent("state", { detail: said }));
    if (said.state === "open") await this.#fetchNewer(said.revs);
  }

  async #fetchNewer(revs) {
    for (const [index, rev] of revs.entries()) {
      const position = index + 1;
      if (rev <= Number(at(position).dataset.rev) || this.#queue.at(position)) continue;
      await htmx.ajax("GET", `/attempts/${this.#attempt}/questions/${position}`, {
        target: `#q${position}`,
        swap: "outerHTML",
      });
    }
  }

  // An answer given while the fragment was on its way is newer than the fragment.
  #beforeSwap(event) {
    const { requestConfig, target } = event.detail;
    if (requestConfig.verb !== "get" || !target.matches("section.question")) return;
    if (this.#queue.at(Number(target.dataset.position))) event.detail.shouldSwap = false;
  }
}
