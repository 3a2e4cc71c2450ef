// What the server has not acknowledged yet: the last change of each position, oldest first, in local storage.
//
// All tabs of this browser share the queue of an attempt, so every step reads it afresh. Sending an entry twice is
// harmless: it carries its own idempotency key.

import { local } from "./storage.js";

export class Queue {
  #name;
  #memory = [];
  #durable;

  constructor(attempt) {
    this.#name = `cutscore:queue:${attempt}`;
    this.#durable = local.set("cutscore:probe", "1");
    local.remove("cutscore:probe");
  }

  // Whether the entries survive a reload: false once storage turned out to be blocked or full.
  get durable() {
    return this.#durable;
  }

  entries() {
    if (!this.#durable) return [...this.#memory];
    try {
      const stored = JSON.parse(local.get(this.#name) ?? "[]");
      return Array.isArray(stored) ? stored.filter((entry) => Number.isInteger(entry?.position)) : [];
    } catch {
      return [];
    }
  }

  // Entries that are still to be sent; a refused one waits for the next change or a reload.
  waiting() {
    return this.entries().filter((entry) => !entry.refused);
  }

  at(position) {
    return this.entries().find((entry) => entry.position === position);
  }

  put(entry) {
    this.#write([...this.entries().filter((other) => other.position !== entry.position), entry]);
  }

  // Change an entry where it stands; nothing happens when a later change has replaced it.
  amend(entry) {
    this.#write(this.entries().map((other) => (same(other, entry) ? entry : other)));
  }

  // Take out this very change, not a later one of the same position.
  remove(entry) {
    this.#write(this.entries().filter((other) => !same(other, entry)));
  }

  forget(position) {
    this.#write(this.entries().filter((other) => other.position !== position));
  }

  clear() {
    this.#write([]);
  }

  #write(entries) {
    this.#memory = entries;
    if (!this.#durable) return;
    if (entries.length === 0) local.remove(this.#name);
    else if (!local.set(this.#name, JSON.stringify(entries))) this.#durable = false;
  }
}

function same(one, other) {
  return one.idempotency_key === other.idempotency_key;
}
