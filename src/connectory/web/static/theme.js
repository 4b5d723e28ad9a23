// System, light, dark, in turn. The choice is a cookie, so the server sends the next page right.
const THEMES = ["system", "light", "dark"];
const YEAR_S = 31536000;

export function themeToggle(root) {
  const button = root.querySelector("[data-theme-now]");
  if (!button) return;
  root.querySelector("[data-theme-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    const theme = THEMES[(THEMES.indexOf(button.dataset.themeNow) + 1) % THEMES.length];
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `connectory_theme=${theme}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
    button.dataset.themeNow = theme;
    if (theme === "system") delete root.documentElement.dataset.theme;
    else root.documentElement.dataset.theme = theme;
    for (const picture of button.querySelectorAll("[data-theme-icon]")) {
      picture.hidden = picture.dataset.themeIcon !== theme;
    }
    button.querySelector("[data-theme-word]").textContent = theme;
  });
}
