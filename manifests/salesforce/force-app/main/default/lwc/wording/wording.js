/**
 * Numbers, likelihoods and errors as people read them.
 */
import LOCALE from '@salesforce/i18n/locale';
import TIME_ZONE from '@salesforce/i18n/timeZone';
import { CARD } from 'c/texts';

/** From which probability on which word is used; the first that fits counts. */
const WORDS = [
    [0.99, CARD.certain],
    [0.9, CARD.veryLikely],
    [0.75, CARD.likely],
    [0.5, CARD.perhaps]
];
const STALE = new Set([409, 412]);

/**
 * Returns a text with its places `{0}`, `{1}` ... filled. Values are never read as places.
 */
export function fill(text, ...values) {
    return text.replace(/\{(\d)\}/g, (place, index) => String(values[index] ?? place));
}

/**
 * Returns a probability (0 to 1) as a percentage with at most one digit, never rounded up to a certainty it has not.
 */
export function percent(probability) {
    const share = Math.floor(probability * 1000 + 1e-9) / 1000;
    return new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

/**
 * Returns a number with as many digits as are needed, at most two.
 */
export function amount(number) {
    return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 }).format(number);
}

/**
 * Returns in words how likely a probability (0 to 1) is.
 */
export function likelihood(probability) {
    const found = WORDS.find(([least]) => probability >= least);
    return found ? found[1] : CARD.unlikely;
}

/**
 * Returns a time (ISO 8601) in the user's language and time zone; empty for what is no time.
 */
export function moment(text) {
    const at = new Date(text ?? NaN);
    if (Number.isNaN(at.getTime())) {
        return '';
    }
    const shape = { dateStyle: 'medium', timeStyle: 'short', timeZone: TIME_ZONE };
    return new Intl.DateTimeFormat(LOCALE, shape).format(at);
}

/**
 * Whether an error of Lightning Data Service says that the record has changed since it was read.
 */
export function isStale(error) {
    return STALE.has(error?.status);
}

/**
 * Returns what an error says: of Lightning Data Service, of a GraphQL query (a list), or of JavaScript.
 */
export function complaint(error) {
    const said = Array.isArray(error) ? error : [error];
    return said.flatMap(spoken).filter(Boolean).join(' ');
}

function spoken(error) {
    const body = error?.body;
    if (Array.isArray(body)) {
        return body.map((each) => each.message);
    }
    const output = body?.output;
    const fields = Object.values(output?.fieldErrors ?? {}).flat();
    const inside = [...(output?.errors ?? []), ...fields].map((each) => each.message);
    return inside.length ? inside : [body?.message ?? error?.message ?? error?.statusText];
}
