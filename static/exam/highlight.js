// Highlights in a stem: kept as character offsets of its text (UTF-16 units, as in textContent), shown as <mark>.
// Text is marked by selecting it, or sentence by sentence with the keyboard: no dragging is needed.

import { merged, offsetOf, without, wrapText, wrapWhole } from "./ranges.js";

const MOST = 100; // more are refused by the server

const plain = new WeakMap(); // each stem as the server sent it
const shown = new WeakMap(); // what each stem shows now, so that nothing is built again for nothing

const stemOf = (section) => section.querySelector(".stem");
const ranges = (section) =>
  (section.dataset.highlights.match(/\d+-\d+/g) ?? []).map((text) => text.split("-").map(Number));

function store(section, list) {
  section.dataset.highlights = list.map((range) => range.join("-")).join(" ");
}

const covered = (list, from, to) => list.some(([start, end]) => start <= from && to <= end);

function toggle(section, from, to) {
  const list = merged(ranges(section));
  const next = covered(list, from, to) ? without(list, from, to) : merged([...list, [from, to]]);
  if (next.length > MOST) return;
  store(section, next);
  section.dispatchEvent(new CustomEvent("exam:edited", { bubbles: true }));
}

// ---- showing ----

const isStepping = (section) => section.querySelector(".highlight").getAttribute("aria-pressed") === "true";

export function showHighlights(section) {
  const stem = stemOf(section);
  if (!plain.has(stem)) plain.set(stem, stem.cloneNode(true));
  const list = merged(ranges(section));
  const view = `${list.join(" ")} ${isStepping(section)}`;
  if (shown.get(stem) === view || (!shown.has(stem) && view === " false")) return;
  shown.set(stem, view);
  stem.replaceChildren(...plain.get(stem).cloneNode(true).childNodes);
  for (const [start, end] of list) wrapText(stem, start, end, () => document.createElement("mark"));
  if (!isStepping(section)) return;
  for (const [start, end] of sentences(stem)) {
    wrapWhole(stem, start, end, () => sentenceButton(section, start, end, covered(list, start, end)));
  }
}

// ---- by sentence ----

const BLOCKS = "p, li, td, th, pre, blockquote";

function sentences(stem) {
  const found = [];
  for (const block of stem.querySelectorAll(BLOCKS)) {
    if (block.querySelector(BLOCKS) || !block.textContent.trim()) continue;
    const start = offsetOf(stem, block, 0);
    for (const [from, to] of split(block.textContent)) found.push([start + from, start + to]);
  }
  return found;
}

function split(source) {
  const text = source.replaceAll("\n", " "); // a line break in the source ends no sentence
  const pieces = Intl.Segmenter
    ? [...new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)].map((piece) => piece.segment)
    : text.match(/[^.!?]+[.!?]*\s*/g) ?? [text];
  let offset = 0;
  return pieces
    .map((piece) => {
      const range = [offset + piece.length - piece.trimStart().length, offset + piece.trimEnd().length];
      offset += piece.length;
      return range;
    })
    .filter(([from, to]) => to > from);
}

function sentenceButton(section, start, end, pressed) {
  const button = document.createElement("span");
  button.className = "sentence";
  button.tabIndex = 0;
  button.setAttribute("role", "button");
  button.setAttribute("aria-pressed", String(pressed));
  const act = () => {
    toggle(section, start, end);
    section.querySelector(`.sentence[data-start="${start}"]`)?.focus();
  };
  button.dataset.start = String(start);
  button.addEventListener("click", act);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
  return button;
}

function step(section, on) {
  section.querySelector(".highlight").setAttribute("aria-pressed", String(on));
  showHighlights(section);
  if (on) section.querySelector(".sentence")?.focus();
}

// ---- by selection ----

// The selection as [section, start, end] when it lies in one stem, else null.
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const stem = (range.startContainer.parentElement ?? document.body).closest(".stem");
  if (!stem || !selection.toString().trim()) return null;
  if (!stem.contains(range.endContainer)) range.setEnd(stem, stem.childNodes.length);
  const start = offsetOf(stem, range.startContainer, range.startOffset);
  return [stem.closest("section.question"), start, start + range.toString().length];
}

function highlightSelection() {
  const found = selected();
  if (!found) return false;
  getSelection().removeAllRanges();
  toggle(...found);
  return true;
}

export function startHighlighting(isLocked) {
  const tools = document.getElementById("selection-tools");
  const button = document.getElementById("selection-highlight");
  const place = () => {
    const found = isLocked() ? null : selected();
    tools.hidden = !found;
    if (!found) return;
    const [section, start, end] = found;
    button.textContent = covered(merged(ranges(section)), start, end) ? "Remove highlight" : "Highlight";
    const box = getSelection().getRangeAt(0).getBoundingClientRect();
    const left = Math.min(box.left, document.documentElement.clientWidth - tools.offsetWidth - 8);
    tools.style.left = `${Math.max(left, 8) + scrollX}px`;
    tools.style.top = `${box.bottom + scrollY + 6}px`;
  };
  document.addEventListener("selectionchange", place);
  addEventListener("resize", place);
  // Pressing a button would take the selection away before the click.
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest("#selection-highlight, .highlight")) event.preventDefault();
  });
  button.addEventListener("click", highlightSelection);
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("button.highlight");
    if (!pressed || highlightSelection()) return;
    step(pressed.closest("section.question"), pressed.getAttribute("aria-pressed") !== "true");
  });
}
