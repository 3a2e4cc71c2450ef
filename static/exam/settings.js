// How a candidate likes the screen: text size, the question of confidence, the keys. Kept in this browser.

import { local } from "./storage.js";

const name = (key) => `cutscore:setting:${key}`;

export const keysAreOn = () => document.getElementById("setting-keys").checked;

export function openDisplay() {
  const dialog = document.getElementById("display");
  if (!dialog.open) dialog.showModal();
}

function startSwitch(id, key, apply) {
  const box = document.getElementById(id);
  box.checked = local.get(name(key)) !== "off";
  apply(box.checked);
  box.addEventListener("change", () => {
    local.set(name(key), box.checked ? "on" : "off");
    apply(box.checked);
  });
}

function startTextSize() {
  const sizes = [...document.querySelectorAll("[name=text-size]")];
  const apply = (size) => (document.documentElement.dataset.text = size);
  const kept = sizes.find((input) => input.value === local.get(name("text-size"))) ?? sizes[0];
  kept.checked = true;
  apply(kept.value);
  for (const input of sizes) {
    input.addEventListener("change", () => {
      local.set(name("text-size"), input.value);
      apply(input.value);
    });
  }
}

export function startSettings() {
  startTextSize();
  startSwitch("setting-confidence", "confidence", (on) => {
    document.documentElement.dataset.confidence = on ? "on" : "off";
  });
  startSwitch("setting-keys", "keys", () => {});
  document.getElementById("display-open").addEventListener("click", openDisplay);
}
