/** What tests of components share: waiting until the page has settled, finding parts, and checking accessibility. */
const axe = require('axe-core');

/** Rules about whole pages, and about colours, which need a layout. */
const NOT_HERE = ['color-contrast', 'region', 'page-has-heading-one', 'document-title', 'html-has-lang'];
const TURNS = 5;

/** Lets everything run that is due now. */
async function settle() {
    for (let turn = 0; turn < TURNS; turn += 1) {
        await Promise.resolve();
    }
}

/** Takes away what was shown. */
function clear() {
    document.body.replaceChildren();
    jest.clearAllMocks();
}

/** Returns the text of one marked part, in one line; null when it is not there. */
function said(element, part) {
    const found = element.shadowRoot.querySelector(`[data-part="${part}"]`);
    return found && found.textContent.replace(/\s+/g, ' ').trim();
}

/** Returns the accessibility rules that what is shown breaks, and where. Clocks are real from here on. */
async function broken() {
    jest.useRealTimers();
    // Asking a component for what every input has makes LWC warn.
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    const rules = Object.fromEntries(NOT_HERE.map((rule) => [rule, { enabled: false }]));
    const { violations } = await axe.run(document.body, { rules });
    return violations.map((each) => `${each.id}: ${each.nodes.map((one) => one.html).join(' ')}`);
}

module.exports = { broken, clear, said, settle };
