// The scratchpad: htmx saves it after a pause; what is not saved yet is also kept in this browser.

import { local } from "./storage.js";

export function startScratchpad(attempt, connection) {
  const pad = document.getElementById("scratchpad");
  const state = document.getElementById("scratchpad-state");
  const key = `cutscore:scratchpad:${attempt}`;
  const unsaved = local.get(key);
  if (unsaved !== null && !pad.disabled) {
    pad.value = unsaved;
    setTimeout(send);
  }

  function send() {
    if (local.get(key) !== null && connection.up) htmx.trigger(pad, "save");
  }

  // The browser brings only the line of the caret into view; the bars must not cover the rest.
  pad.addEventListener("focus", () => pad.scrollIntoView({ block: "nearest" }));
  pad.addEventListener("input", () => {
    local.set(key, pad.value);
    state.textContent = "Not saved yet";
  });
  pad.addEventListener("htmx:beforeRequest", (event) => {
    if (!connection.up) event.preventDefault();
    else pad.dataset.sent = pad.value;
  });
  pad.addEventListener("htmx:afterRequest", (event) => {
    const done = event.detail.xhr.status >= 200 && event.detail.xhr.status < 300;
    if (event.detail.xhr.status === 0) connection.failed();
    if (!done || pad.value !== pad.dataset.sent) return;
    local.remove(key);
    state.textContent = "Saved";
  });
  connection.addEventListener("up", send);
  return { isUnsaved: () => state.textContent === "Not saved yet" };
}
