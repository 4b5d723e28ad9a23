// Ctrl or Command with K: type a few letters of a page, a connector or an instance, and go there.
// The pages are the links of the frame; the rest is asked of the API, as this reader may see it.
const PAUSE_MS = 150;
const MOST = 12;

export function palette(root) {
  const dialog = root.querySelector("#palette");
  const field = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const pages = [...root.querySelectorAll(".site-nav a, .site-tools .menu-list a, .site-footer a")]
    .map((link) => ({ kind: "Page", text: link.textContent.trim(), url: link.href }));
  let instances = null;
  let timer = null;
  let asked = 0;

  async function fill() {
    const turn = ++asked;
    const words = field.value.trim().toLowerCase();
    instances ??= dialog.hasAttribute("data-signed-in") ? await ask("/api/v1/instances?limit=100", instance) : [];
    const connectors = words ? await ask(`/api/v1/connectors?limit=5&q=${encodeURIComponent(words)}`, connector) : [];
    if (turn !== asked) return; // something else was typed meanwhile
    const own = [...pages, ...instances].filter(({ text }) => text.toLowerCase().includes(words));
    list.replaceChildren(...[...own, ...connectors].slice(0, MOST).map(option));
    mark(list.firstElementChild);
  }
  function mark(chosen) {
    for (const one of list.children) one.setAttribute("aria-selected", String(one === chosen));
    field.setAttribute("aria-activedescendant", chosen?.id ?? "");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (dialog.open) return;
    field.value = "";
    dialog.showModal();
    fill();
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(fill, PAUSE_MS);
  });
  field.addEventListener("keydown", (event) => {
    const chosen = list.querySelector("[aria-selected=true]");
    if (event.key === "ArrowDown") mark(chosen?.nextElementSibling ?? list.firstElementChild);
    else if (event.key === "ArrowUp") mark(chosen?.previousElementSibling ?? list.lastElementChild);
    else if (event.key === "Enter") chosen?.click();
    else return;
    event.preventDefault();
  });
}

async function ask(url, read) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).items.map(read) : [];
}

function instance({ team, name }) {
  return { kind: "Instance", text: `${team}/${name}`, url: `/t/${team}/i/${name}` };
}

function connector({ name, url }) {
  return { kind: "Connector", text: name, url };
}

function option({ kind, text, url }, index) {
  const row = document.createElement("li");
  row.id = `palette-${index}`;
  row.setAttribute("role", "option");
  const label = document.createElement("span");
  label.className = "muted";
  label.textContent = kind;
  row.append(text, label);
  row.addEventListener("click", () => location.assign(url));
  return row;
}
