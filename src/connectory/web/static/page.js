// Fetching this site's own pages and exchanging parts of the present one. The server stays the
// only place that knows how anything looks.
export async function fetchPage(url, signal) {
  const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

export function exchange(fresh, selector) {
  const [old, next] = [document.querySelector(selector), fresh.querySelector(selector)];
  if (!old || !next) return null;
  const focused = old.contains(document.activeElement) ? pathTo(document.activeElement) : null;
  old.replaceWith(next);
  if (focused) next.querySelector(focused)?.focus();
  return next;
}

export function exchangeText(fresh, selector) {
  const [old, next] = [document.querySelector(selector), fresh.querySelector(selector)];
  if (old && next && old.textContent !== next.textContent) old.textContent = next.textContent;
}

function pathTo(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.name) return `[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`;
  const link = element.getAttribute("href");
  return link ? `[href="${CSS.escape(link)}"]` : null;
}
