// Follows a log by server-sent events. Scrolling up pauses, scrolling to the end goes on; the
// button says which. Lines are text, whatever they contain.
const KEPT = 2000;
const TONES = { warn: "warning", error: "danger", info: "info" };

export function followLog(root) {
  const box = root.querySelector(".log-lines[data-stream]");
  if (!box) return;
  const button = root.querySelector("[data-follow]");
  const blank = root.querySelector("#log-line").content.firstElementChild;
  const events = new EventSource(box.dataset.stream);
  let last = Number(box.dataset.after);
  let following = true;

  function follow(on) {
    following = on;
    button.setAttribute("aria-pressed", String(on));
    if (on) box.scrollTop = box.scrollHeight;
  }
  button.hidden = false;
  button.addEventListener("click", () => follow(!following));
  box.addEventListener("scroll", () => {
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 8;
    if (atEnd !== following) follow(atEnd);
  });
  events.addEventListener("line", (event) => {
    const line = JSON.parse(event.data);
    if (line.offset <= last) return; // the stream begins with lines that the page has
    last = line.offset;
    box.querySelector(".log-empty")?.remove();
    box.append(row(blank.cloneNode(true), line));
    while (box.childElementCount > KEPT) box.firstElementChild.remove();
    if (following) box.scrollTop = box.scrollHeight;
  });
  follow(true);
}

function row(line, { offset, ts, level, message, facts }) {
  const [time, word, text] = line.children;
  line.id = `L${offset}`;
  line.dataset.tone = TONES[level] ?? "neutral";
  time.dateTime = ts;
  time.textContent = ts.slice(11, 23);
  word.textContent = level;
  text.textContent = message;
  for (const [name, value] of Object.entries(facts ?? {})) {
    const fact = document.createElement("span");
    fact.className = "log-facts";
    fact.textContent = `${name}=${value}`;
    text.append(" ", fact);
  }
  return line;
}
