// What the page says about saving: the word in the bar, the banner while the server is away, and single notices.

const KEPT = "your answers are kept on this device and sent when it is back.";
const NOT_DURABLE =
  "This browser does not let the page keep answers on this device. They are saved only while you are online: " +
  "do not close or reload the page without a connection.";
const BUSY = "The server is busy. Your answers are kept on this device and sent again in a moment.";
const WORDS = { saved: "Saved", saving: "Saving", pending: "Not saved yet", refused: "Not saved" };

export class Messages {
  #queue;
  #connection;
  #saver;
  #banner = document.getElementById("banner");
  #notice = document.getElementById("notice");

  constructor(queue, connection, saver) {
    this.#queue = queue;
    this.#connection = connection;
    this.#saver = saver;
    saver.addEventListener("status", ({ detail }) => this.#showStatus(detail));
    saver.addEventListener("saved", () => this.#showBanner());
    connection.addEventListener("down", () => this.#showBanner());
    connection.addEventListener("up", () => this.#showBanner());
    this.#showBanner();
  }

  // A notice; with `act` also a button to log in, and then it stays until that is done.
  say(text, act) {
    this.#notice.textContent = text;
    if (!act) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = "Log in";
    button.addEventListener("click", act);
    this.#notice.append(" ", button);
  }

  // Another question is on screen: a notice about the last one has been read.
  passOn() {
    if (!this.#notice.querySelector("button")) this.say("");
  }

  #showStatus({ status, loud }) {
    this.#showBanner();
    const saved = document.getElementById("saved");
    if (saved.dataset.state === "idle" && status === "saved") return;
    if (saved.dataset.state === status || (status === "saving" && !loud)) return;
    saved.dataset.state = status;
    saved.textContent = WORDS[status];
  }

  #showBanner() {
    const { durable } = this.#queue;
    let text = durable ? "" : NOT_DURABLE;
    if (!this.#connection.up) text = `No connection. Go on with the exam: ${durable ? KEPT : "keep this page open."}`;
    else if (this.#saver.busy) text = BUSY;
    if (this.#banner.textContent === text) return;
    this.#banner.textContent = text;
    if (text) this.#uncover(document.activeElement);
  }

  // A message that appears must not hide what has the focus.
  #uncover(element) {
    const box = element.getBoundingClientRect();
    const strip = this.#banner.getBoundingClientRect();
    const covered = box.top < strip.bottom && box.bottom > strip.top;
    if (element !== document.body && covered) element.scrollIntoView({ block: "nearest" });
  }
}
