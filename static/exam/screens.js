// Which screen is shown follows the address: #q12, #review, #end. Only one is shown; its heading takes the focus.

import { local } from "./storage.js";
import { at, isFlagged, positionOf } from "./question.js";

export class Screens extends EventTarget {
  #exam;
  #total;
  #lastKey;
  #section = null;
  #question = 1;

  constructor(exam) {
    super();
    this.#exam = exam;
    this.#total = Number(exam.dataset.total);
    this.#lastKey = `cutscore:last:${exam.dataset.attempt}`;
    this.#question = this.#known(Number(local.get(this.#lastKey))) ?? 1;
    addEventListener("hashchange", () => this.#follow(true));
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      if (link && link.hash === `#${this.#section?.id}`) this.focusHeading();
    });
  }

  // Show what the address says or, without one, the last question visited.
  start() {
    if (!this.#target(location.hash)) history.replaceState(null, "", `#q${this.#question}`);
    this.#follow(false);
  }

  // The section on screen.
  get section() {
    return this.#section;
  }

  // The position on screen; null on the review and end screens.
  get position() {
    return this.#section?.matches(".question") ? positionOf(this.#section) : null;
  }

  // The question that was on screen last.
  get question() {
    return this.#question;
  }

  go(id) {
    location.hash = `#${id}`;
  }

  next() {
    if (this.position) this.go(this.position < this.#total ? `q${this.position + 1}` : "review");
  }

  previous() {
    if (this.position === null) this.go(`q${this.#question}`);
    else if (this.position > 1) this.go(`q${this.position - 1}`);
  }

  // The server's fragment has taken a section's place.
  replaced(section) {
    if (section.id !== this.#section?.id) return;
    this.#section = section;
    section.classList.add("current");
  }

  focusHeading() {
    scrollTo(0, 0);
    this.#section.querySelector("h1").focus({ preventScroll: true });
  }

  // Bring the bar below up to date with the question on screen.
  refresh() {
    const position = this.position;
    const flag = document.getElementById("flag");
    flag.hidden = position === null;
    if (position) flag.setAttribute("aria-pressed", String(isFlagged(this.#section)));
    link("previous", position === null ? `Question ${this.#question}` : "Previous",
      position === null ? `q${this.#question}` : position > 1 && `q${position - 1}`);
    link("next", position === this.#total ? "Review" : "Next",
      position !== null && (position < this.#total ? `q${position + 1}` : "review"));
    document.getElementById("next").hidden = position === null;
    for (const back of document.querySelectorAll(".back-to-question")) back.href = `#q${this.#question}`;
    this.#mark();
  }

  #known(position) {
    return Number.isInteger(position) && at(position) ? position : null;
  }

  #target(hash) {
    const found = document.getElementById(hash.slice(1));
    return found?.matches(".screen") ? found : null;
  }

  #follow(focus) {
    const target = this.#target(location.hash);
    if (!target || target === this.#section) return;
    if (this.position) this.dispatchEvent(new CustomEvent("left", { detail: this.#section }));
    this.#section?.classList.remove("current");
    this.#section = target;
    target.classList.add("current");
    if (this.position) {
      this.#question = this.position;
      local.set(this.#lastKey, String(this.position));
    }
    this.refresh();
    this.dispatchEvent(new CustomEvent("shown", { detail: target }));
    if (focus) this.focusHeading();
  }

  // The address is also said in words: title, bar, and the current step of the navigator.
  #mark() {
    const words = this.position ? `Question ${this.position} of ${this.#total}` : this.#section.querySelector("h1").textContent;
    document.title = `${words} – ${this.#exam.dataset.title}`;
    document.getElementById("where").textContent = words;
    for (const step of document.querySelectorAll(".numbers a")) {
      if (step.hash === `#${this.#section.id}`) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
  }
}

// A way that leads nowhere stays in its place, as a disabled link.
function link(id, text, target) {
  const element = document.getElementById(id);
  element.textContent = text;
  if (target) {
    element.href = `#${target}`;
    element.removeAttribute("aria-disabled");
    element.removeAttribute("role");
  } else {
    element.removeAttribute("href");
    element.setAttribute("aria-disabled", "true");
    element.setAttribute("role", "link");
  }
}
