/* What htmx does not do: copying, showing the cited place, sending with Enter. No inline code anywhere. */
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
  button.setAttribute("aria-pressed", "true");
});

document.addEventListener("click", (event) => {
  const shut = event.target.closest("[data-shut]");
  if (shut) document.getElementById(shut.dataset.shut).replaceChildren();
});

/* Two runs are picked to be compared: the older one is the base. */
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-pair]");
  if (!form) return;
  const picked = [...form.querySelectorAll("[data-run]:checked")].map((one) => one.value);
  form.elements.ids.value = picked.reverse().join(",");
  form.querySelector("button").disabled = picked.length !== 2;
});

/* A recording plays from the second that is asked for. */
document.addEventListener("click", (event) => {
  const seek = event.target.closest("[data-seek]");
  const sound = document.getElementById("sound");
  if (!seek || !sound) return;
  sound.currentTime = Number(seek.dataset.seek);
  sound.play();
});

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("textarea[data-enter]");
  if (!field || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  field.form.requestSubmit();
});

/* The question has gone out: its field is free for the next. */
document.addEventListener("htmx:before:request", (event) => {
  const field = event.target.querySelector?.("textarea[data-once]");
  if (field) queueMicrotask(() => (field.value = ""));
});

document.addEventListener("htmx:after:swap", () => showCited());
document.addEventListener("DOMContentLoaded", () => {
  showCited();
  const bar = document.querySelector(".side");
  const here = bar?.querySelector("[aria-current]");
  if (here) bar.scrollLeft = here.offsetLeft - bar.clientWidth / 2 + here.offsetWidth / 2;
});

/* Escape shuts the source, and goes back to the number that opened it. */
document.addEventListener("keydown", (event) => {
  const open = document.querySelector("#source:not(:empty)");
  if (event.key !== "Escape" || !open) return;
  open.replaceChildren();
  opener?.focus();
});
let opener = null;
document.addEventListener("click", (event) => {
  const chip = event.target.closest(".chip");
  if (chip) opener = chip;
});

/* The cited place comes into view once, where it is new. */
function showCited() {
  const cited = document.querySelector("mark[data-cited]:not([data-seen])");
  if (!cited) return;
  cited.dataset.seen = "";
  cited.scrollIntoView({ block: "center" });
}
