// The time left, as the server tells it; counted with the monotonic clock, which nobody can set.

const MINUTE = 60_000;
const WARNINGS = [30, 15, 5, 1].map((minutes) => minutes * MINUTE);
const SHOWN_AGAIN_AT = 5 * MINUTE;
const WARNING_STAYS = 30_000;

export function clockText(milliseconds) {
  const seconds = Math.max(Math.ceil(milliseconds / 1000), 0);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// Dispatches "zero" once, and "asleep" when the computer seems to have slept and the time left must be asked for.
export class Clock extends EventTarget {
  #endsAt = Infinity;
  #last = Infinity;
  #hidden = false;
  #drift = Date.now() - performance.now();
  #figures = document.getElementById("clock");
  #toggle = document.getElementById("clock-toggle");
  #warning = document.getElementById("time-warning");
  #clearing = 0;

  // `remaining` in milliseconds, or null when untimed.
  constructor(remaining) {
    super();
    this.sync(remaining);
    this.#last = this.remaining;
    if (this.#endsAt === Infinity) return;
    this.#toggle.addEventListener("click", () => this.#show(this.#hidden));
    this.#show(true);
    this.#tick();
    setInterval(() => this.#tick(), 250);
  }

  get remaining() {
    return Math.max(this.#endsAt - performance.now(), 0);
  }

  // What the server said, when it is heard: never ahead of the server, so that the end is never early.
  sync(remaining) {
    this.#endsAt = remaining === null ? Infinity : performance.now() + remaining;
  }

  #tick() {
    const left = this.remaining;
    const text = clockText(left);
    if (this.#figures.textContent !== text) this.#figures.textContent = text;
    this.#warn(left);
    if (this.#last > SHOWN_AGAIN_AT && left <= SHOWN_AGAIN_AT) this.#show(true);
    if (left === 0 && this.#last > 0) this.dispatchEvent(new Event("zero"));
    this.#last = left;
    const drift = Date.now() - performance.now();
    if (Math.abs(drift - this.#drift) > 2000) this.dispatchEvent(new Event("asleep"));
    this.#drift = drift;
  }

  #warn(left) {
    const passed = WARNINGS.filter((mark) => this.#last > mark && left <= mark && left > 0).at(-1);
    if (!passed) return;
    const minutes = passed / MINUTE;
    this.#warning.textContent = minutes === 1 ? "1 minute left" : `${minutes} minutes left`;
    clearTimeout(this.#clearing);
    this.#clearing = setTimeout(() => (this.#warning.textContent = ""), WARNING_STAYS);
  }

  #show(shown) {
    this.#hidden = !shown;
    this.#figures.hidden = !shown;
    this.#toggle.firstChild.data = shown ? "Hide" : "Show";
  }
}
