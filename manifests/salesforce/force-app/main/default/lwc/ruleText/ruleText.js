/**
 * What Switchyard writes on Routing Rule records, read back: errors, and who of a pool has received what.
 */
const FAULT = /^(.*), line (\d+), column (\d+): (.*)$/;
const SHARE = /^(.*): received (\d+), entitled to (\d+(?:\.\d+)?) \(.*\)$/;
const RETIRED = /^retired\b/i;

/**
 * Returns whether a record is `live`, a `draft`, or `retired` (a draft that Switchyard has replaced).
 */
export function stateOf(state, version) {
    if (state === 'live') {
        return 'live';
    }
    return RETIRED.test(version ?? '') ? 'retired' : 'draft';
}

/**
 * Returns the errors of a record: line (from 1; 0 when unknown), column and message. A line that begins no error goes on
 * with the one before.
 */
export function faults(text) {
    const found = [];
    for (const said of rows(text)) {
        const match = FAULT.exec(said);
        if (match) {
            found.push({ line: Number(match[2]), column: Number(match[3]), message: match[4] });
        } else if (found.length) {
            found[found.length - 1].message += `\n${said}`;
        } else {
            found.push({ line: 0, column: 0, message: said });
        }
    }
    return found.map((fault, index) => ({ ...fault, key: String(index) }));
}

/**
 * Returns the lines of a definition with their numbers, and which of them have errors.
 */
export function marked(definition, found) {
    const wrong = new Set(found.map((fault) => fault.line));
    return String(definition ?? '')
        .split(/\r?\n/)
        .map((text, index) => ({ number: index + 1, text, isWrong: wrong.has(index + 1) }));
}

/**
 * Returns of a standing text the shares (name, received, entitled, both in leads) and the other lines as notes.
 */
export function standing(text) {
    const shares = [];
    const notes = [];
    for (const said of rows(text)) {
        const match = SHARE.exec(said);
        if (match) {
            shares.push({ name: match[1], received: Number(match[2]), entitled: Number(match[3]) });
        } else {
            notes.push({ key: String(notes.length), text: said });
        }
    }
    return { shares: shares.map((share, index) => ({ ...share, key: String(index) })), notes };
}

function rows(text) {
    return String(text ?? '')
        .split(/\r?\n/)
        .filter((line) => line.trim());
}
