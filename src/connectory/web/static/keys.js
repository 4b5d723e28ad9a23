// Single keys: `/` to search, `g` and a letter to go somewhere, `j` and `k` along a list, `i` to
// install, `a` and `c` in a review, `?` for this list. None inside fields; the list has the switch that turns them off,
// except `?`, which turns them on again, and Ctrl or Command with K, which no typing contains.
const SWITCH = "connectory_keys";
const FIELDS = "input, textarea, select, [contenteditable]";
const ROWS = "main .card :is(h2, h3) a, main tbody th a";
const CHORD_MS = 1500;

export function keys(root) {
  const help = root.querySelector("#keys");
  const choice = help.querySelector("[data-keys-on]");
  let goesUntil = 0;

  choice.checked = localStorage.getItem(SWITCH) !== "off";
  choice.addEventListener("change", () => {
    localStorage.setItem(SWITCH, choice.checked ? "on" : "off");
  });
  root.querySelector("[data-keys-open]").addEventListener("click", () => help.showModal());

  root.addEventListener("keydown", (event) => {
    if (event.target.closest(FIELDS) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (root.querySelector("dialog[open]")) return;
    const goes = performance.now() < goesUntil;
    goesUntil = 0;
    if (event.key === "?") help.showModal();
    else if (!choice.checked) return;
    else if (goes) go(root, event.key);
    else if (event.key === "g") goesUntil = performance.now() + CHORD_MS;
    else if (event.key === "/") search(root);
    else if (event.key === "j") step(root, 1);
    else if (event.key === "k") step(root, -1);
    else if (event.key === "i") install(root);
    else if (event.key === "a") decide(root, "approve");
    else if (event.key === "c") decide(root, "request-changes");
    else return;
    event.preventDefault();
  });
}

// Links name their letter; what a reader has no link to has no key either.
function go(root, letter) {
  const target = [...root.querySelectorAll("[data-go]")].find((one) => one.dataset.go === letter);
  if (target?.matches("summary")) target.focus();
  target?.click();
}

function search(root) {
  const field = root.querySelector("#q");
  field?.focus();
  field?.select();
}

function step(root, by) {
  const rows = [...root.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
  const here = rows.indexOf(root.activeElement?.closest(ROWS));
  rows[here < 0 && by < 0 ? rows.length - 1 : here + by]?.focus();
}

// The form moves into a dialog, with the decision chosen and not yet sent; closed, it moves back.
// A browser tells of closing a little later, when the dialog may be open again.
function decide(root, decision) {
  const choice = root.querySelector(`[name="decision"][value="${decision}"]`);
  if (!choice) return;
  const dialog = root.querySelector("#decide-dialog");
  const place = root.querySelector("[data-decide-place]");
  dialog.onclose = () => dialog.open || place.append(...dialog.childNodes);
  dialog.append(...place.childNodes);
  dialog.showModal();
  choice.checked = true;
  choice.focus();
}

function install(root) {
  const card = root.activeElement?.closest(".card");
  (card ?? root.querySelector(".page-actions"))?.querySelector("a[href$='/install']")?.click();
}
