// `/` moves to the search field, unless somebody is typing.
export function keys(root) {
  root.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = root.querySelector("#q");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
