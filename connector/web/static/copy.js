// Buttons that copy what stands in a field. Without this script, or where the browser forbids it, the field is there to
// be copied by hand.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const said = document.querySelector(`[data-said-for="${button.dataset.copies}"]`);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      if (said) said.textContent = button.dataset.done;
    } catch {
      field.focus();
    }
  });
}
