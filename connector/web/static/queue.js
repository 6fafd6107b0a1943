/* Keys of a page with a queue: j and k go to the next and the one before, any other key presses the button that names
   it by data-key, within the item that has the focus, else on the page. A first key only shows where one is. Nothing
   happens while somebody types, and the keys can be switched off. */
"use strict";

(() => {
  const OFF = "queue-keys-off";
  const SEVERAL = { j: 1, k: -1 };

  const items = () => [...document.querySelectorAll("[data-item]")];
  const here = () => document.activeElement?.closest("[data-item]");
  const isOff = () => localStorage.getItem(OFF) === "yes";
  const isTyping = (node) =>
    node.closest("select, textarea, [contenteditable=true]") ||
    (node.matches("input") && !["radio", "checkbox", "submit", "button"].includes(node.type));

  function go(item) {
    if (!item) return;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = items();
    const at = all.indexOf(here());
    if (all.length > 1) go(at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
    return all.length > 1;
  }

  function pressed(key) {
    const own = here()?.querySelector(`[data-key="${key}"]`);
    if (own) return own;
    return [...document.querySelectorAll(`[data-key="${key}"]`)].find((each) => !each.closest("[data-item]"));
  }

  function act(key) {
    const found = pressed(key);
    if (found) {
      found.click();
      return true;
    }
    const first = !here() && items().find((each) => each.querySelector(`[data-key="${key}"]`));
    go(first);
    return Boolean(first);
  }

  function help() {
    const keys = document.querySelector("details[data-keys]");
    if (!keys) return false;
    keys.open = !keys.open;
    keys.querySelector("summary").focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (isOff() || isTyping(event.target) || event.key.length !== 1) return;
    const key = event.key.toLowerCase();
    const done = key === "?" ? help() : (key in SEVERAL && step(SEVERAL[key])) || act(CSS.escape(key));
    if (done) event.preventDefault();
  });

  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.querySelector("[data-keys-off]");
    if (choice) {
      choice.checked = isOff();
      choice.closest("[hidden]")?.removeAttribute("hidden");
      choice.addEventListener("change", () => localStorage.setItem(OFF, choice.checked ? "yes" : "no"));
    }
    if (location.hash === "#next") go(items()[0]);
  });
})();
