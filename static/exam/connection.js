// Is the server there? A quiet heartbeat; a banner within 10 seconds of losing it; leaving warns meanwhile.

const EVERY = 6000; // with the time-out, at most 9.5 s pass before the banner
const WHILE_DOWN = 2000; // so that the queue is flushed within 5 s of the return
const TIMEOUT = 3500;

export class Connection extends EventTarget {
  #up = true;
  #heardAt = performance.now();
  #timer = 0;

  constructor() {
    super();
    addEventListener("offline", () => this.failed());
    addEventListener("online", () => this.probe());
    document.addEventListener("visibilitychange", () => this.#plan());
    this.#plan();
  }

  get up() {
    return this.#up;
  }

  // The server has answered something.
  heard() {
    this.#heardAt = performance.now();
    this.#turn(true);
  }

  // A request got no answer.
  failed() {
    this.#turn(false);
  }

  // Ask now. Resolves to whether the server answered.
  async probe() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
      if (answer.ok) this.heard();
      else this.failed();
    } catch {
      this.failed();
    }
    return this.#up;
  }

  #turn(up) {
    const changed = up !== this.#up;
    this.#up = up;
    if (changed) this.dispatchEvent(new Event(up ? "up" : "down"));
    this.#plan();
  }

  #plan() {
    clearTimeout(this.#timer);
    if (document.hidden && this.#up) return;
    const wait = this.#up ? Math.max(EVERY - (performance.now() - this.#heardAt), 0) : WHILE_DOWN;
    this.#timer = setTimeout(() => this.probe(), wait);
  }
}
