// Shows how much of a file is sent. Without this module the form works as forms do.

const form = document.getElementById("upload");
const file = document.getElementById("file");
const progress = document.getElementById("upload-progress");
const status = document.getElementById("upload-status");
const bar = progress.querySelector("progress");
const button = form.querySelector("button");

function say(text) {
  progress.hidden = false;
  status.textContent = text;
}

function failed(text) {
  bar.hidden = true;
  button.disabled = false;
  say(text);
  file.focus();
}

function send(chosen) {
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) {
      bar.value = (100 * event.loaded) / event.total;
      say(event.loaded < event.total ? `Sending ${chosen.name}` : "Sent. It is being stored.");
    }
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
    } else {
      failed(request.responseText);
    }
  });
  request.addEventListener("error", () => failed("The file could not be sent. Nothing was kept; try again."));
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/plain");
  request.send(new FormData(form));
}

form.addEventListener("submit", (event) => {
  const [chosen] = file.files;
  if (!chosen) {
    return;
  }
  event.preventDefault();
  if (chosen.size > Number(form.dataset.most)) {
    failed(`This file has ${(chosen.size / 1048576).toFixed(0)} MB: more than is taken. Split it, or pack it as a zip.`);
    return;
  }
  button.disabled = true;
  bar.hidden = false;
  bar.value = 0;
  say(`Sending ${chosen.name}`);
  send(chosen);
});
