// Single keys for the hand that stays on the keyboard: off in text fields, and they can be switched off.

import { optionCount, pick } from "./question.js";
import { keysAreOn, openDisplay } from "./settings.js";

const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])";

function optionIndex(key) {
  if (/^[1-6]$/.test(key)) return Number(key) - 1;
  return /^[a-f]$/.test(key) ? key.charCodeAt(0) - "a".charCodeAt(0) : -1;
}

// `screens` moves; `flag` flags the question on screen.
export function startKeys(screens, flag) {
  const moves = { n: () => screens.next(), p: () => screens.previous(), r: () => screens.go("review") };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    if (!keysAreOn() || event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (act(key, event.shiftKey)) event.preventDefault();
  });

  function act(key, shift) {
    if (key === "?") return openDisplay() ?? true;
    if (moves[key]) return moves[key]() ?? true;
    if (!screens.position) return false;
    // F is an option where there are six; with Shift it flags everywhere.
    if (key === "f" && (shift || optionCount(screens.section) < 6)) return flag() ?? true;
    const index = optionIndex(key);
    return index >= 0 && pick(screens.section, index);
  }
}
