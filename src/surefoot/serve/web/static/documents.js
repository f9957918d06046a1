/* Files dropped or chosen go out one after the other; the server says of each what became of it. */
"use strict";

{
  const form = document.getElementById("drop");
  const sent = document.getElementById("sent");
  let last = Promise.resolve();

  const line = (name, state) => {
    const made = document.createElement("li");
    const said = document.createElement("span");
    made.append(`${name} `, said);
    said.className = "soft working";
    said.textContent = state;
    sent.append(made);
    return made;
  };

  async function send(file, shown) {
    const body = new FormData();
    body.append("files", file, file.name);
    shown.querySelector("span").textContent = sent.dataset.reading;
    try {
      const reply = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      const text = await reply.text();
      if (reply.ok) shown.outerHTML = text;
      else {
        const notice = new DOMParser().parseFromString(text, "text/html").body.textContent.trim();
        fail(shown, file, notice || sent.dataset.lost);
      }
    } catch {
      fail(shown, file, sent.dataset.lost);
    }
  }

  function fail(shown, file, why) {
    const said = document.createElement("span");
    said.className = "small bad";
    said.textContent = why;
    shown.replaceChildren(`${file.name} `, said);
  }

  function take(files) {
    for (const file of files) {
      const shown = line(file.name, sent.dataset.waiting);
      last = last.then(() => send(file, shown));
    }
    last = last.then(() => htmx.ajax("GET", form.dataset.list, { target: "#list", swap: "innerHTML" }));
  }

  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = form.querySelector("input[type=file]");
    take([...field.files]);
    field.value = "";
  });

  for (const name of ["dragover", "dragenter", "dragleave", "drop"])
    form?.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("over", name === "dragover" || name === "dragenter");
      if (name === "drop") take([...event.dataTransfer.files]);
    });
}
