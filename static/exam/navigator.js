// How far the candidate has come: the numbered squares, the counts and the review list, in words as well as marks.

import { all, isFlagged, positionOf } from "./question.js";

const words = (section) => section.dataset.progress + (isFlagged(section) ? ", flagged" : "");

export function counts() {
  const stages = all().map((section) => section.dataset.progress);
  const of = (stage) => stages.filter((other) => other === stage).length;
  return {
    all: stages.length,
    answered: of("answered"),
    incomplete: of("incomplete"),
    unseen: of("unseen"),
    flagged: all().filter(isFlagged).length,
  };
}

// One position has changed.
export function showStage(section) {
  const position = positionOf(section);
  const step = document.querySelectorAll(".numbers a")[position - 1];
  step.dataset.progress = section.dataset.progress;
  step.dataset.flagged = section.dataset.flagged;
  step.setAttribute("aria-label", `Question ${position}, ${words(section)}`);
  document.querySelectorAll(".review-list .stage")[position - 1].textContent = words(section);
}

export function showCounts() {
  const now = counts();
  for (const line of document.querySelectorAll("#counts li")) {
    line.querySelector(".figures").textContent = now[line.dataset.key];
  }
  for (const figure of document.querySelectorAll("[data-count]")) figure.textContent = now[figure.dataset.count];
  document.querySelector(".summary-counts").textContent = `: ${now.answered} of ${now.all} answered`;
  document.getElementById("review-counts").textContent =
    `${now.answered} of ${now.all} answered, ${now.incomplete} incomplete, ${now.unseen} unseen, ${now.flagged} flagged.`;
  document.getElementById("end-counts").textContent = `${now.all - now.answered} unanswered, ${now.flagged} flagged`;
  filterReview();
}

const FILTERS = {
  all: () => true,
  incomplete: (section) => section.dataset.progress === "incomplete",
  unseen: (section) => section.dataset.progress === "unseen",
  flagged: isFlagged,
};

const chosenFilter = () => document.querySelector("[name=review-filter]:checked").value;
const listed = () => all().filter(FILTERS[chosenFilter()]).map(positionOf);

function filterReview() {
  const kept = new Set(listed());
  for (const line of document.querySelectorAll(".review-list li")) {
    line.hidden = !kept.has(Number(line.dataset.position));
  }
  document.getElementById("review-none").hidden = kept.size > 0;
  document.getElementById("walk").hidden = chosenFilter() === "all" || kept.size === 0;
}

// `walk` leads through the positions of the list on the review screen.
export function startNavigator(walk) {
  document.querySelector(".filters").addEventListener("change", filterReview);
  document.getElementById("walk").addEventListener("click", () => walk(listed()));
  // Folded where there is no room for a column beside the question.
  const wide = matchMedia("(min-width: 64rem)");
  const fold = () => (document.getElementById("navigator").open = wide.matches);
  wide.addEventListener("change", fold);
  fold();
}
