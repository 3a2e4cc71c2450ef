// One practice question: keys, the time it took, and the time that is left. The page works without any of it.

import { clockText } from "./exam/clock.js";

const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])";
const form = document.getElementById("practice");
const next = document.getElementById("next");
const shownAt = performance.now();

for (const hint of document.querySelectorAll(".with-keys")) hint.hidden = false;
if (next) document.getElementById("result").focus();
if (form) form.addEventListener("submit", () => (form.elements.elapsed_ms.value = Math.round(performance.now() - shownAt)));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.isComposing || event.repeat) return;
  if (event.target.closest(TYPING)) return;
  if (act(event.key.toLowerCase(), event.target)) event.preventDefault();
});

function act(key, target) {
  if (key === "enter") {
    if (target.closest("a, button, summary")) return false;
    const button = next ?? form?.querySelector("button[value=check]");
    button?.click();
    return Boolean(button);
  }
  const options = form?.querySelectorAll(".answer input") ?? [];
  const option = /^[a-j]$/.test(key) ? options[key.charCodeAt(0) - "a".charCodeAt(0)] : null;
  option?.click();
  option?.focus();
  return Boolean(option);
}

const left = document.querySelector("[data-remaining]");
if (left) {
  const endsAt = shownAt + Number(left.dataset.remaining);
  const tick = () => {
    const remaining = Math.max(endsAt - performance.now(), 0);
    left.textContent = `${clockText(remaining)} left`;
    if (remaining === 0) location.assign(location.pathname.replace(/\/\d+$/, ""));
    else setTimeout(tick, 500);
  };
  tick();
}
