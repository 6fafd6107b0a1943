/* Makes a text box with data-editor an editor for YAML (CodeMirror), with a mark at each fault that the page names.
   It stands in a shadow root, where its styles are adopted sheets: the content policy allows no other ones.
   The box stays what is sent and what the page listens to; without this script it is edited itself. */
"use strict";

(() => {
  const { EditorView, EditorState, HighlightStyle, syntaxHighlighting, indentUnit, keymap, lineNumbers, drawSelection,
    highlightActiveLine, history, historyKeymap, defaultKeymap, yaml, tags, lintGutter, setDiagnostics } = globalThis.CodeMirror;

  const look = EditorView.theme({
    "&": { border: "1px solid var(--pico-form-element-border-color)", borderRadius: "var(--pico-border-radius)",
      backgroundColor: "var(--pico-form-element-background-color)", color: "var(--pico-color)", fontSize: "0.875rem" },
    "&.cm-focused": { outline: "3px solid var(--pico-primary)", outlineOffset: "2px" },
    ".cm-scroller": { fontFamily: "var(--pico-font-family-monospace)", minHeight: "24rem", maxHeight: "70vh", overflow: "auto" },
    ".cm-gutters": { backgroundColor: "var(--plain-ground)", color: "var(--plain)", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
    "&.cm-focused .cm-activeLineGutter": { fontWeight: "700", color: "var(--pico-color)" },
    ".cm-content": { caretColor: "var(--pico-color)" },
    ".cm-cursor": { borderLeftColor: "var(--pico-color)" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "var(--pico-text-selection-color)" },
    /* The package's own marks are data: addresses, which the content policy does not load. */
    ".cm-lint-marker": { width: "0.6em", height: "0.6em", margin: "0.35em 0.2em", borderRadius: "50%", backgroundColor: "var(--wait)" },
    ".cm-lint-marker-error": { content: "normal", backgroundColor: "var(--bad)" },
    ".cm-lint-marker-warning, .cm-lint-marker-info, .cm-lint-marker-hint": { content: "normal" },
    ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)" },
    ".cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange-info, .cm-lintRange-hint": { backgroundImage: "none" },
    ".cm-diagnostic": { fontSize: "0.875rem" },
    ".cm-tooltip": { border: "1px solid var(--pico-muted-border-color)", backgroundColor: "var(--pico-card-background-color)",
      color: "var(--pico-color)", fontFamily: "var(--pico-font-family)" },
  });
  const colours = HighlightStyle.define([
    { tag: tags.comment, color: "var(--pico-muted-color)", fontStyle: "italic" },
    { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.keyword], color: "var(--pico-primary)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--wait)" },
  ]);

  // Tab is not among them: it leaves the editor, as it leaves any other box.
  const keys = keymap.of([...defaultKeymap, ...historyKeymap]);

  function faults(doc) {
    return [...document.querySelectorAll("#checked .faults li[data-line]")].map((each) => {
      const line = doc.line(Math.min(Math.max(1, Number(each.dataset.line)), doc.lines));
      const from = Math.min(line.from + Math.max(0, Number(each.dataset.column) - 1), line.to);
      return { from, to: line.to, severity: each.dataset.severity, message: each.querySelector("span").textContent };
    });
  }

  function mount(box) {
    const host = document.createElement("div");
    host.className = "code-editor";
    box.before(host);
    const root = host.attachShadow({ mode: "open" });
    const told = EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      box.value = update.state.doc.toString();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
    const label = EditorView.contentAttributes.of({ "aria-label": box.dataset.wordsLabel, spellcheck: "false" });
    const extensions = [history(), keys, lineNumbers(), highlightActiveLine(), drawSelection(), lintGutter(), indentUnit.of("  "),
      yaml(), syntaxHighlighting(colours), look, label, told, EditorView.lineWrapping];
    const state = EditorState.create({ doc: box.value, extensions });
    const view = new EditorView({ state, root, parent: root });
    box.hidden = true;
    for (const each of box.labels) each.addEventListener("click", () => view.focus());
    const mark = () => view.dispatch(setDiagnostics(view.state, faults(view.state.doc)));
    new MutationObserver(mark).observe(document.querySelector("#checked").parentElement, { childList: true, subtree: true });
    mark();
  }

  document.querySelectorAll("textarea[data-editor]").forEach(mount);
})();
