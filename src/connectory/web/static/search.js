// Results follow the words and filters without a reload. The form stays an ordinary GET form:
// what is fetched is the page that submitting it would open, and the address bar says so.
import { exchange, exchangeText, fetchPage } from "./page.js";
import { localTimes } from "./times.js";

const PAUSE_MS = 150;

export function liveSearch(root) {
  const form = root.querySelector("#search");
  if (!root.querySelector("[data-live-search]")) return;
  let timer = null;
  let running = null;

  async function search() {
    running?.abort();
    running = new AbortController();
    const url = `${form.action}?${entered(form)}`;
    root.querySelector("#results").setAttribute("aria-busy", "true");
    const fresh = await fetchPage(url, running.signal);
    history.replaceState(null, "", url + location.hash);
    document.title = fresh.title;
    exchange(fresh, "#filters");
    localTimes(exchange(fresh, "#results"));
    exchangeText(fresh, "[data-live-text]");
  }
  function soon(pause) {
    clearTimeout(timer);
    timer = setTimeout(() => search().catch((error) => {
      if (error.name !== "AbortError") form.submit();
    }), pause);
  }

  root.addEventListener("input", (event) => {
    if (event.target.form === form) soon(event.target.type === "search" ? PAUSE_MS : 0);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); soon(0); });
}

function entered(form) {
  const fields = new FormData(form);
  return new URLSearchParams([...fields].filter(([name, value]) => value && !isUsual(form, name)));
}

function isUsual(form, name) {
  return form.elements[name] instanceof HTMLSelectElement && form.elements[name].selectedIndex === 0;
}
