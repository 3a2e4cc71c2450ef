// Highlights in a stem: kept as character offsets of its text (UTF-16 units, as in textContent), shown as <mark>.
// Text is marked by selecting it, or sentence by sentence with the keyboard: no dragging is needed.

const plain = new WeakMap();

const stemOf = (section) => section.querySelector(".stem");
const ranges = (section) =>
  (section.dataset.highlights.match(/\d+-\d+/g) ?? []).map((text) => text.split("-").map(Number));

function store(section, list) {
  section.dataset.highlights = list.map((range) => range.join("-")).join(" ");
}

// Sorted, without overlaps or touching neighbours.
export function merged(list) {
  const result = [];
  for (const [start, end] of [...list].sort((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else if (end > start) result.push([start, end]);
  }
  return result;
}

// The ranges without what lies in [from, to).
export function without(list, from, to) {
  return list
    .flatMap(([start, end]) => [
      [start, Math.min(end, from)],
      [Math.max(start, to), end],
    ])
    .filter(([start, end]) => end > start);
}

const covered = (list, from, to) => list.some(([start, end]) => start <= from && to <= end);

function toggle(section, from, to) {
  const list = merged(ranges(section));
  store(section, covered(list, from, to) ? without(list, from, to) : merged([...list, [from, to]]));
  section.dispatchEvent(new CustomEvent("exam:edited", { bubbles: true }));
}

// ---- showing ----

const isStepping = (section) => section.querySelector(".highlight").getAttribute("aria-pressed") === "true";

export function showHighlights(section) {
  const stem = stemOf(section);
  if (!plain.has(stem)) plain.set(stem, stem.cloneNode(true));
  const list = merged(ranges(section));
  stem.replaceChildren(...plain.get(stem).cloneNode(true).childNodes);
  for (const [start, end] of list) wrapText(stem, start, end, () => document.createElement("mark"));
  if (!isStepping(section)) return;
  for (const [start, end] of sentences(stem)) {
    wrapWhole(stem, start, end, () => sentenceButton(section, start, end, covered(list, start, end)));
  }
}

function textNodes(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let offset = 0, node = walker.nextNode(); node; node = walker.nextNode()) {
    found.push({ node, start: offset, end: offset + node.length });
    offset += node.length;
  }
  return found;
}

// Wrap the text of [start, end) piece by piece, since it may run through several elements.
function wrapText(root, start, end, make) {
  for (const piece of textNodes(root)) {
    const from = Math.max(start, piece.start) - piece.start;
    const to = Math.min(end, piece.end) - piece.start;
    if (from >= to || !piece.node.data.slice(from, to).trim()) continue;
    const range = document.createRange();
    range.setStart(piece.node, from);
    range.setEnd(piece.node, to);
    range.surroundContents(make());
  }
}

// Wrap [start, end), which lies in one block, in one element; what it cuts through is split.
function wrapWhole(root, start, end, make) {
  const nodes = textNodes(root);
  const first = nodes.find((piece) => piece.end > start);
  const last = nodes.findLast((piece) => piece.start < end);
  if (!first || !last) return;
  const range = document.createRange();
  range.setStart(first.node, start - first.start);
  range.setEnd(last.node, end - last.start);
  const element = make();
  element.append(range.extractContents());
  range.insertNode(element);
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

function offsetOf(root, node, offset) {
  const range = document.createRange();
  range.setStart(root, 0);
  range.setEnd(node, offset);
  return range.toString().length;
}

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
