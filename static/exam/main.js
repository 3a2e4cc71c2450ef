// The exam screen: builds its parts and says who hears of what. Without this the page is a plain form.

import { Clock } from "./clock.js";
import { Connection } from "./connection.js";
import { Ending } from "./ending.js";
import { startHighlighting } from "./highlight.js";
import { startKeys } from "./keys.js";
import { Login } from "./login.js";
import { Messages } from "./messages.js";
import { showCounts, showStage, startNavigator } from "./navigator.js";
import * as question from "./question.js";
import { Queue } from "./queue.js";
import { Saver } from "./saving.js";
import { Screens } from "./screens.js";
import { startScratchpad } from "./scratchpad.js";
import { startSettings } from "./settings.js";
import { Sync } from "./sync.js";

const CHANGED_ELSEWHERE = "Changed in another tab or device; showing the newest answer.";
const WORTH_A_SAVE = 1000; // ms on screen since the last save

function start(exam) {
  const { attempt } = exam.dataset;
  const queue = new Queue(attempt);
  const connection = new Connection();
  const saver = new Saver(queue, connection);
  const messages = new Messages(queue, connection, saver);
  const say = (text, act) => messages.say(text, act);
  const sync = new Sync(attempt, queue, connection);
  const clock = new Clock(remainingNow(exam));
  const screens = new Screens(exam);
  const login = new Login(exam.dataset.guest === "1", say, () => {
    saver.resume();
    sync.now();
  });
  const ending = new Ending({
    attempt, clock, queue, saver, connection, grace: Number(exam.dataset.grace) * 1000, say,
    before: () => leaveQuestion(),
  });
  const scratchpad = startScratchpad(attempt, connection);

  // ---- what the candidate does ----

  function show(section) {
    question.refresh(section);
    showStage(section);
    showCounts();
    screens.refresh();
  }

  function changed(section, quiet) {
    show(section);
    if (ending.over) return;
    delete section.dataset.news;
    section.dataset.kept = section.dataset.elapsed;
    saver.record(section, quiet);
  }

  function flag() {
    if (!screens.position || ending.over) return;
    question.toggleFlag(screens.section);
    changed(screens.section);
  }

  // Before htmx, which listens on the section itself and sends what it finds in the queue.
  const sheet = document.getElementById("sheet");
  sheet.addEventListener("change", (event) => changed(event.target.closest("section.question")), { capture: true });
  sheet.addEventListener("exam:edited", (event) => changed(event.target));
  sheet.addEventListener("submit", (event) => event.preventDefault());
  sheet.addEventListener("click", (event) => {
    const section = event.target.closest("section.question");
    const strike = event.target.closest(".strike");
    if (strike) question.toggleStruck(strike);
    else if (event.target.closest(".clear")) question.clear(section);
    else return;
    changed(section);
  });
  document.getElementById("flag").addEventListener("click", flag);
  startKeys(screens, flag);
  startHighlighting(() => ending.over);

  // ---- time on each question ----

  let since = performance.now();

  // Add the time since the last look to the question on screen; keep it when it is worth a save.
  function left(section) {
    const now = performance.now();
    const spent = now - since;
    since = now;
    if (!section || ending.over) return;
    const { elapsed, kept, news } = section.dataset;
    section.dataset.elapsed = String(Number(elapsed) + spent);
    if (news || Number(section.dataset.elapsed) - Number(kept) >= WORTH_A_SAVE) changed(section, true);
  }

  // Being on screen is what makes a question seen; it is saved with the next change or on leaving.
  function see(section) {
    if (section.dataset.seen !== "0" || ending.over) return;
    section.dataset.seen = "1";
    section.dataset.news = "1";
    show(section);
  }

  const leaveQuestion = () => left(screens.position && screens.section);
  screens.addEventListener("left", (event) => left(event.detail));
  screens.addEventListener("shown", ({ detail }) => {
    since = performance.now();
    see(detail);
    if (!ending.over) messages.passOn();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) leaveQuestion();
    else since = performance.now();
  });
  addEventListener("pagehide", () => ending.leaving || document.hidden || leaveQuestion());

  // ---- what the server says ----

  saver.addEventListener("saved", ({ detail }) => {
    if (detail.remaining !== null) clock.sync(detail.remaining);
  });
  saver.addEventListener("conflict", ({ detail }) => {
    if (!detail.quiet) say(CHANGED_ELSEWHERE);
  });
  saver.addEventListener("refused", ({ detail }) => {
    say(`Question ${detail.position} is not saved: ${detail.message}`);
  });
  saver.addEventListener("late", ({ detail }) => {
    if (detail === "paused") ending.leave(location.href);
    else ending.report();
  });
  saver.addEventListener("login", () => login.ask());
  sync.addEventListener("login", () => login.ask());
  sync.addEventListener("state", ({ detail }) => {
    if (detail.state === "final" && !queue.waiting().length) ending.report();
    else if (detail.state === "paused") ending.leave(location.href);
    else if (ending.over && detail.state === "open" && detail.remaining_ms > 1000) ending.leave(location.href);
    else clock.sync(detail.remaining_ms);
  });
  clock.addEventListener("asleep", () => sync.now());

  // htmx has put a newer section in place of one.
  document.addEventListener("htmx:load", ({ detail }) => {
    if (!detail.elt.matches("section.question")) return;
    detail.elt.dataset.kept = detail.elt.dataset.elapsed;
    screens.replaced(detail.elt);
    if (ending.over) question.lock(detail.elt);
    show(detail.elt);
  });

  // ---- begin ----

  for (const section of question.all()) {
    question.reset(section);
    const kept = queue.at(Number(section.dataset.position));
    if (kept) question.write(section, kept.state);
    section.dataset.kept = section.dataset.elapsed;
    showStage(section);
  }
  for (const entry of queue.entries()) queue.amend({ ...entry, refused: false });
  startSettings();
  startNavigator((positions) => screens.walk(positions));
  showCounts();
  screens.start();
  document.documentElement.classList.add("js");
  addEventListener("beforeunload", (event) => {
    if (scratchpad.isUnsaved() && !queue.durable) event.preventDefault();
  });
  addEventListener("pageshow", (event) => {
    // A page out of the browser's memory may belong to an exam that has ended.
    if (event.persisted) document.getElementById("end-button").disabled = false;
  });
  if (exam.dataset.state === "locked" || exam.dataset.editable === "0") ending.timeIsUp();
  // htmx takes up its elements at this event, too, and was there first.
  document.addEventListener("DOMContentLoaded", () => saver.flush());
}

// The time left, less what passed since the server wrote it into the page; null when untimed.
function remainingNow(exam) {
  if (exam.dataset.remaining === "") return null;
  const answered = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
  return Number(exam.dataset.remaining) - (performance.now() - answered);
}

if (window.htmx) start(document.getElementById("exam"));
