// Who is saving: one client id per tab and a sequence number that survives a reload.
//
// A duplicated tab starts with a copy of the session storage. The mark "in use" is taken away when a page is left,
// so a page that finds it is such a copy (or comes after a crash) and takes an id of its own.

import { session } from "./storage.js";

const ID = "cutscore:client";
const SEQUENCE = "cutscore:sequence";
const IN_USE = "cutscore:client-in-use";

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let id = session.get(IN_USE) ? null : session.get(ID);
let sequence = id ? Number(session.get(SEQUENCE)) || 0 : 0;
if (!id) {
  id = randomId();
  session.set(ID, id);
  session.set(SEQUENCE, "0");
}
session.set(IN_USE, "1");
addEventListener("pagehide", () => session.remove(IN_USE));
addEventListener("pageshow", () => session.set(IN_USE, "1"));

export const clientId = id;

export function nextSequence() {
  sequence += 1;
  session.set(SEQUENCE, String(sequence));
  return sequence;
}
