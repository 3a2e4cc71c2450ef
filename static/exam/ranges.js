// Ranges of text as [start, end) offsets of characters (UTF-16 units, as in textContent): as lists, and in the document.

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
export function wrapText(root, start, end, make) {
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
export function wrapWhole(root, start, end, make) {
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

// The offset of a place in the document, counted from the start of `root`.
export function offsetOf(root, node, offset) {
  const range = document.createRange();
  range.setStart(root, 0);
  range.setEnd(node, offset);
  return range.toString().length;
}
