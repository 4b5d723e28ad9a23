// A form that is checked while it is filled in. The server says what is wrong; a field is marked
// only after somebody was in it, and the number of marks is told to screen readers.
const PAUSE_MS = 400;

export function liveCheck() {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const said = form.querySelector("[data-check-said]");
  const touched = new Set();
  let waiting = null;
  let asked = null;

  async function check() {
    asked?.abort();
    asked = new AbortController();
    const answer = await fetch(form.dataset.check, {
      method: "POST", body: new URLSearchParams(new FormData(form)), signal: asked.signal,
    });
    if (!answer.ok) return;
    const found = await answer.json();
    for (const id of touched) mark(document.getElementById(id), found.errors[id] ?? "");
    const count = [...touched].filter((id) => found.errors[id]).length;
    say(found.said || (count ? `${count} to put right` : "Nothing to put right here"));
  }

  function say(text) {
    if (said.textContent !== text) said.textContent = text;
  }

  form.addEventListener("input", ({ target }) => {
    if (!target.id) return;
    touched.add(target.id);
    clearTimeout(waiting);
    waiting = setTimeout(() => check().catch(() => {}), PAUSE_MS);
  });
}

function mark(control, text) {
  if (!control) return;
  const id = `${control.id}-error`;
  let note = document.getElementById(id);
  if (!note && text) {
    note = Object.assign(document.createElement("p"), { id, className: "error" });
    control.closest(".field").append(note);
  }
  note?.replaceChildren(text);
  if (note) note.hidden = !text;
  control.setAttribute("aria-invalid", text ? "true" : "false");
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  control.setAttribute("aria-describedby", [...others, ...(text ? [id] : [])].join(" "));
}
