/* Asks before a page is left on which a form with data-guarded holds what was not sent. Such a form is compared with
   how it came; one that came with changes that nobody has saved says so by data-guarded="changed". */
"use strict";

(() => {
  // A file is known by its name.
  const told = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));

  function asItCame(form) {
    const copy = form.cloneNode(true); // what stands in the form may be what the browser put back after a reload
    copy.reset();
    return told(copy);
  }

  const forms = new Map([...document.querySelectorAll("form[data-guarded]")].map((form) => [form, asItCame(form)]));
  if (!forms.size) return;
  const isChanged = (form) => form.dataset.guarded === "changed" || told(form) !== forms.get(form);
  let sent = null;

  addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sent = event.target;
  });
  addEventListener("beforeunload", (event) => {
    const lost = [...forms.keys()].some((form) => form !== sent && isChanged(form));
    sent = null; // whoever stays, or gets no answer, is asked again
    if (lost) event.preventDefault();
  });
})();
