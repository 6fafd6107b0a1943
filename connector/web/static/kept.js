/* Keeps what an editor (a form with data-kept) has sent, in this tab, until an answer shows that it arrived. When the
   sign-in has ended meanwhile, or no answer comes, it is offered to the same person in the same editor: by sending it
   there once more, which shows it and saves nothing. It goes at signing out, when somebody else signs in, and when it
   is old. */
"use strict";

(() => {
  try {
    void sessionStorage.length;
  } catch {
    return; // this browser keeps nothing for us
  }
  const PREFIX = "kept:";
  const LONGEST = 12 * 3600 * 1000; // milliseconds: as long as a sign-in lasts
  const who = document.body.dataset.who; // nobody is signed in without it
  const editor = document.querySelector("form[data-kept]");
  const own = editor && PREFIX + editor.dataset.kept;

  function read(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function write(key, entry) {
    try {
      sessionStorage.setItem(key, JSON.stringify(entry));
    } catch {
      sessionStorage.removeItem(key); // no room: what was kept before is not what was sent
    }
  }

  const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  const boxes = (form) => [...new FormData(form)].filter(([name]) => name !== "csrf_token");
  const isOld = (entry) => !(Date.now() - entry.at < LONGEST);

  function look() {
    const saved = document.querySelector(".flash .saved");
    for (const key of keys()) {
      const entry = read(key);
      const arrived = entry?.sent && saved;
      if (!entry || isOld(entry) || arrived || (who && entry.who !== who)) sessionStorage.removeItem(key);
      else if (entry.sent) write(key, { ...entry, sent: false });
    }
    if (own && "arrived" in editor.dataset) sessionStorage.removeItem(own);
  }

  function put(entry) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = editor.getAttribute("action");
    for (const [name, value] of [["csrf_token", editor.elements.csrf_token.value], ...entry.boxes]) {
      const box = document.createElement("input");
      Object.assign(box, { type: "hidden", name, value });
      form.append(box);
    }
    document.body.append(form);
    form.submit();
  }

  function offer(entry) {
    const notice = document.querySelector("[data-kept-offer]");
    notice.hidden = false;
    notice.querySelector("[data-kept-put]").addEventListener("click", () => put(entry));
    notice.querySelector("[data-kept-drop]").addEventListener("click", () => {
      sessionStorage.removeItem(own);
      notice.hidden = true;
    });
  }

  addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (event.target === editor && who) write(own, { who, at: Date.now(), sent: true, boxes: boxes(editor) });
    if ("forgets" in event.target.dataset) keys().forEach((key) => sessionStorage.removeItem(key));
  });

  look();
  const note = document.querySelector("[data-kept-note]");
  if (note && keys().length) note.hidden = false;
  const entry = own && read(own);
  if (entry && JSON.stringify(entry.boxes) === JSON.stringify(boxes(editor))) sessionStorage.removeItem(own);
  else if (entry) offer(entry);
})();
