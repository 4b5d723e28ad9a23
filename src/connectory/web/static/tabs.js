// Marks the tab whose section shows. Which one shows is decided by the URL and by tabs.css.
export function tabs(root) {
  const bar = root.querySelector("[data-tabs]");
  if (!bar) return;
  const links = [...bar.querySelectorAll("a")];

  function markCurrent() {
    const target = root.getElementById(location.hash.slice(1))?.closest(".tab");
    const id = target?.id ?? links[0].hash.slice(1);
    for (const link of links) {
      if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
  addEventListener("hashchange", markCurrent);
  markCurrent();

  // Skipping to the content must not change which section shows.
  root.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    root.querySelector("#main").focus();
  });
}
