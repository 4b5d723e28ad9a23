// Copies the text of a code block and says so in the button, for three seconds.
export function copyButtons(root) {
  for (const button of root.querySelectorAll("[data-copy-button]")) {
    const word = button.querySelector("[data-copy-word]");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest("[data-copy]").querySelector("code").textContent);
      word.textContent = "Copied";
      word.setAttribute("role", "status");
      setTimeout(() => { word.textContent = "Copy"; }, 3000);
    });
  }
}
