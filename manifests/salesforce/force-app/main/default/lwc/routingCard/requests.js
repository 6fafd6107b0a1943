/**
 * The corrections a person can ask for, and when each makes sense. The connector hears of them by the change event of the
 * record (docs/decisions/0012-requests-from-the-card.md); the values are those of the field Switchyard_Request__c.
 */
import { CARD } from 'c/texts';

const WITHOUT_EFFECT = new Set(['undone', 'ignored', 'refused', 'waiting']);
const GIVEN = new Set(['assigned', 'suggested']);

const REQUESTS = [
    {
        value: 'wrong_match',
        label: CARD.wrongMatch,
        sure: CARD.sureWrongMatch,
        isFor: ({ account, outcome }) => Boolean(account) && outcome !== 'undone'
    },
    {
        value: 'wrong_owner',
        label: CARD.wrongOwner,
        sure: CARD.sureWrongOwner,
        isFor: ({ outcome, mode }) => mode !== 'observe' && GIVEN.has(outcome)
    },
    {
        value: 'undo',
        label: CARD.undo,
        sure: CARD.sureUndo,
        isFor: ({ outcome, mode }) => mode !== 'observe' && !WITHOUT_EFFECT.has(outcome)
    }
];

/**
 * Returns the corrections that make sense for a decision: each with its value, label and question.
 */
export function offered(decision) {
    return REQUESTS.filter((request) => request.isFor(decision));
}

/**
 * Returns a correction by its value; undefined for one that a later version of the package knows.
 */
export function requestOf(value) {
    return REQUESTS.find((request) => request.value === value);
}
