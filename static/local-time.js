// Times of an assignment stand in the zone that its instructor chose; beside each, the time where this browser is.

const day = (zone) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "long" });
const hour = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const offset = (at, zone) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "longOffset" })
  .formatToParts(at).find((part) => part.type === "timeZoneName").value;

for (const time of document.querySelectorAll("time[data-zone]")) {
  const at = new Date(time.dateTime);
  if (offset(at, time.dataset.zone) === offset(at, undefined)) continue;
  const own = document.createElement("span");
  own.className = "soft";
  const other = day(time.dataset.zone).format(at) === day().format(at) ? "" : `${day().format(at)}, `;
  own.textContent = `; ${other}${hour.format(at)} where you are`;
  time.append(own);
}

// A new assignment begins in the zone of whoever makes it, with the times moved along.
const field = document.querySelector("input[data-own-zone]");
if (field) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...document.querySelectorAll(`#${field.getAttribute("list")} option`)].some((one) => one.value === own);
  if (own && known && own !== field.value) {
    for (const time of document.querySelectorAll("input[data-instant]")) time.value = local(new Date(time.dataset.instant));
    field.value = own;
  }
}

function local(at) {
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
