// The end of an exam, by the candidate or by the clock: first everything is sent, then one form is submitted.

import { all, lock } from "./question.js";

const JITTER = 3000; // spreads the ends of candidates who began together
const LOOK_AGAIN = 500;

// `parts`: attempt, grace (ms), clock, queue, saver, connection, say, and what to do `before` answers are closed.
export class Ending {
  #parts;
  #leaving = false;
  #over = false;

  constructor(parts) {
    this.#parts = parts;
    const form = document.getElementById("end-form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#end(form);
    });
    document.getElementById("pause-form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#pause(event.target);
    });
    parts.clock.addEventListener("zero", () => this.timeIsUp());
    addEventListener("beforeunload", (event) => this.#warn(event));
  }

  // Whether answers are closed on this page.
  get over() {
    return this.#over;
  }

  // Whether this page is being left on purpose.
  get leaving() {
    return this.#leaving;
  }

  // Go to another page without being asked.
  leave(address) {
    this.#leaving = true;
    location.replace(address);
  }

  report() {
    this.leave(`/reports/${this.#parts.attempt}`);
  }

  async #end(form) {
    const button = document.getElementById("end-button");
    if (button.disabled) return;
    button.disabled = true;
    const back = () => (button.disabled = false);
    if (!(await this.#sent("end-waiting", () => location.hash !== "#end", back))) return;
    this.#submit(form);
  }

  async #pause(form) {
    const button = form.querySelector("button");
    button.disabled = true;
    const started = location.hash;
    this.#parts.before();
    if (await this.#sent("notice", () => location.hash !== started, () => (button.disabled = false))) this.#submit(form);
  }

  // Wait until everything is sent. False when the candidate has turned to something else meanwhile.
  async #sent(line, turnedAway, giveUp) {
    const { queue, connection, saver } = this.#parts;
    const said = document.getElementById(line);
    await connection.probe();
    saver.flush();
    while (queue.waiting().length || !connection.up) {
      if (turnedAway()) {
        said.textContent = "";
        giveUp();
        return false;
      }
      said.textContent = connection.up
        ? "Sending your last answers…"
        : "No connection. This goes on as soon as it is back; your answers are kept on this device.";
      await pause(LOOK_AGAIN);
    }
    return true;
  }

  // Zero: nothing can be changed any more; what waits is sent; then the exam ends by itself.
  async timeIsUp() {
    if (this.#over) return;
    this.#parts.before();
    this.#over = true;
    const { grace, queue, connection, saver, say } = this.#parts;
    const until = performance.now() + grace;
    all().forEach(lock);
    document.documentElement.classList.add("over");
    document.getElementById("flag").disabled = true;
    document.getElementById("scratchpad").disabled = true;
    say("Time is up. Your answers are being sent.");
    await pause(Math.random() * Math.min(JITTER, grace / 2));
    while (queue.waiting().length && performance.now() < until) {
      saver.flush();
      await pause(LOOK_AGAIN);
    }
    while (!(await connection.probe())) {
      say("Time is up. There is no connection; the result is shown when it is back. Keep this page open.");
      await pause(LOOK_AGAIN * 4);
    }
    // Later than the grace, the answers are still sent: they are kept, marked as late.
    for (let tries = 0; queue.waiting().length && tries < 20; tries += 1) {
      saver.flush();
      await pause(LOOK_AGAIN);
    }
    if (this.#leaving) return;
    this.#submit(document.getElementById("time-form"));
  }

  #submit(form) {
    this.#leaving = true;
    form.submit();
  }

  #warn(event) {
    const { queue, connection } = this.#parts;
    if (this.#leaving || (!queue.waiting().length && connection.up)) return;
    event.preventDefault();
    event.returnValue = true;
  }
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
