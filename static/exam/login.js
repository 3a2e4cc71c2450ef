// A log-in that ran out in the middle of an exam: log in again on the spot, and lose nothing.

const GUEST_LOST =
  "This browser is no longer known as the guest who began this exam (its cookies were removed). " +
  "Your unsaved answers stay on this device, but they cannot be sent.";

// Calls `onDone` after a successful log-in; `say` shows a lasting message.
export class Login {
  #dialog = document.getElementById("login");
  #error = document.getElementById("login-error");
  #guest;
  #say;

  constructor(guest, say, onDone) {
    this.#guest = guest;
    this.#say = say;
    document.getElementById("login-later").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => {
      if (this.needed) say("Not saved: log in again to send your answers.", () => this.ask());
    });
    document.getElementById("login-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!(await this.#submit(event.target))) return;
      this.needed = false;
      this.#dialog.close();
      say("");
      onDone();
    });
  }

  // Whether requests are pointless until somebody logs in.
  needed = false;

  ask() {
    this.needed = true;
    if (this.#guest) this.#say(GUEST_LOST);
    else if (!this.#dialog.open) {
      for (const other of document.querySelectorAll("dialog[open]")) other.close();
      this.#dialog.showModal();
    }
  }

  async #submit(form) {
    const button = form.querySelector(".primary");
    button.disabled = true;
    this.#error.textContent = "";
    try {
      const answer = await fetch("/people/log-in", {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
      });
      if (answer.ok) {
        form.reset();
        return true;
      }
      const wrong = answer.status === 422 || answer.status === 401;
      this.#error.textContent = wrong ? "Name or password is wrong." : "Logging in did not work. Try again in a moment.";
    } catch {
      this.#error.textContent = "No connection. Your answers are kept; try again when it is back.";
    } finally {
      button.disabled = false;
    }
    return false;
  }
}
