// An operation as it goes on: each event of the server makes the page fetch itself again and
// exchange its live part, at most once a second. EventSource reconnects by itself and sends
// Last-Event-ID. When the part that arrives follows nothing, the operation has ended.
import { exchange, exchangeText, fetchPage } from "./page.js";
import { localTimes } from "./times.js";

const PAUSE_MS = 1000;

export function liveRegion() {
  const address = document.querySelector("#live[data-live]")?.dataset.live;
  if (!address) return;
  const events = new EventSource(address);
  const ticking = setInterval(tick, PAUSE_MS);
  let waiting = null;

  async function refresh() {
    const fresh = await fetchPage(location.href);
    const part = exchange(fresh, "#live");
    exchangeText(fresh, "[data-live-text]");
    document.title = fresh.title;
    if (part) localTimes(part);
    waiting = null;
    if (part?.dataset.live) return;
    events.close();
    clearInterval(ticking);
  }

  events.addEventListener("operation", () => {
    waiting ??= setTimeout(() => refresh().catch(() => { waiting = null; }), PAUSE_MS / 4);
  });
  // A finished stream is closed by the server; reading once more shows the last state.
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) refresh().catch(() => clearInterval(ticking));
  });
}

function tick() {
  for (const element of document.querySelectorAll("[data-elapsed-since]")) {
    const seconds = Math.max(0, (Date.now() - Date.parse(element.dataset.elapsedSince)) / 1000);
    const minutes = Math.floor(seconds / 60);
    element.textContent = minutes ? `${minutes} min ${Math.floor(seconds % 60)} s`
      : `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  }
}
