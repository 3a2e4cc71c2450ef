// Which screen is shown follows the address: #q12, #review, #end. Only one is shown; its heading takes the focus.

import { local } from "./storage.js";
import { at, isFlagged, positionOf } from "./question.js";

export class Screens extends EventTarget {
  #exam;
  #total;
  #lastKey;
  #section = null;
  #question = 1;
  #walk = null;

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
    this.#follow(true); // at once: the next key may come before the browser's own event
  }

  next() {
    const id = this.#after();
    if (id) this.go(id);
  }

  previous() {
    const id = this.#before();
    if (id) this.go(id);
  }

  // Let Previous and Next lead through these positions only, until the review screen is reached again.
  walk(positions) {
    this.#walk = positions;
    this.go(`q${positions[0]}`);
  }

  #after() {
    if (this.position === null) return null;
    const later = this.#steps().find((position) => position > this.position);
    return later ? `q${later}` : "review";
  }

  #before() {
    if (this.position === null) return `q${this.#question}`;
    const earlier = this.#steps().findLast((position) => position < this.position);
    if (earlier) return `q${earlier}`;
    return this.#walk ? "review" : null;
  }

  #steps() {
    return this.#walk ?? Array.from({ length: this.#total }, (_, index) => index + 1);
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
    const [before, after] = [this.#before(), this.#after()];
    link("previous", position === null ? `Back to question ${this.#question}` : words(before, "Previous"), before);
    link("next", words(after, "Next"), after);
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
    if (target.id === "review") this.#walk = null;
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
    const title = this.position ? `Question ${this.position} of ${this.#total}` : this.#section.querySelector("h1").textContent;
    document.title = `${title} – ${this.#exam.dataset.title}`;
    document.getElementById("where-word").textContent = this.position ? "Question " : title;
    document.getElementById("where-number").textContent = this.position ? title.replace("Question ", "") : "";
    document.getElementById("where").classList.toggle("numbered", this.position !== null);
    for (const step of document.querySelectorAll(".numbers a")) {
      if (step.hash === `#${this.#section.id}`) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
  }
}

const words = (id, usual) => (id === "review" ? "Review" : usual);

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
