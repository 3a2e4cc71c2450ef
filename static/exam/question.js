// One question's section: read what the candidate has done from it, and write it back. The document is the state.

import { showHighlights } from "./highlight.js";

export const all = () => [...document.querySelectorAll("section.question")];
export const at = (position) => document.getElementById(`q${position}`);
export const positionOf = (section) => Number(section.dataset.position);
export const isFlagged = (section) => section.dataset.flagged === "1";

const inputs = (section) => [...section.querySelectorAll(".option input")];
const strikes = (section) => [...section.querySelectorAll(".strike")];
const confidences = (section) => [...section.querySelectorAll(".confidence input")];

// The whole state of a position, in the words of the save.
export function read(section) {
  return {
    choice: inputs(section).filter((input) => input.checked).map((input) => input.value),
    flagged: isFlagged(section),
    struck: strikes(section).filter(isPressed).map((button) => button.dataset.token),
    highlight: section.dataset.highlights.match(/\d+-\d+/g) ?? [],
    confidence: confidences(section).find((input) => input.checked)?.value ?? null,
    seen: section.dataset.seen === "1",
    elapsed_ms: Math.round(Number(section.dataset.elapsed)),
  };
}

// Show a state that was read earlier, such as a change from the queue.
export function write(section, state) {
  for (const input of inputs(section)) input.checked = state.choice.includes(input.value);
  for (const input of confidences(section)) input.checked = input.value === state.confidence;
  for (const button of strikes(section)) setStruck(button, state.struck.includes(button.dataset.token));
  section.dataset.flagged = state.flagged ? "1" : "0";
  section.dataset.seen = state.seen ? "1" : "0";
  section.dataset.elapsed = String(Math.max(state.elapsed_ms, Number(section.dataset.elapsed)));
  section.dataset.highlights = state.highlight.join(" ");
  refresh(section);
}

// A browser may restore controls from an earlier visit; what the server said stands.
export function reset(section) {
  for (const input of [...inputs(section), ...confidences(section)]) input.checked = input.defaultChecked;
  refresh(section);
}

// Bring what is derived from the state up to date: progress, the count of picks, highlights.
export function refresh(section) {
  section.dataset.progress = progress(section);
  showPicked(section);
  showHighlights(section);
}

function progress(section) {
  const chosen = inputs(section).filter((input) => input.checked).length;
  if (chosen >= Math.max(Number(section.dataset.select), 1)) return "answered";
  return chosen || section.dataset.seen === "1" ? "incomplete" : "unseen";
}

function showPicked(section) {
  const asked = Number(section.dataset.select);
  const chosen = inputs(section).filter((input) => input.checked).length;
  const line = section.querySelector(".picked");
  line.classList.toggle("too-many", chosen > asked);
  if (asked < 2) line.textContent = "";
  else if (chosen > asked) line.textContent = `You picked ${chosen}; the question asks for ${asked}.`;
  else line.textContent = `${chosen} of ${asked} picked`;
}

export function clear(section) {
  for (const input of inputs(section)) input.checked = false;
}

export function toggleFlag(section) {
  section.dataset.flagged = isFlagged(section) ? "0" : "1";
}

const isPressed = (button) => button.getAttribute("aria-pressed") === "true";

export function toggleStruck(button) {
  setStruck(button, !isPressed(button));
}

function setStruck(button, struck) {
  button.setAttribute("aria-pressed", String(struck));
  button.closest(".option").classList.toggle("struck", struck);
}

// Press the option with this index (from 0), as a click would. False when there is none.
export function pick(section, index) {
  const input = inputs(section)[index];
  if (!input || input.matches(":disabled")) return false;
  input.focus();
  input.click();
  return true;
}

export const optionCount = (section) => inputs(section).length;

// No change is taken any more.
export function lock(section) {
  for (const fieldset of section.querySelectorAll("fieldset")) fieldset.disabled = true;
  for (const button of section.querySelectorAll("button")) button.disabled = true;
}
