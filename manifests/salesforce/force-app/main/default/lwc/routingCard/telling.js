/**
 * What the card tells of a decision: from its audit, or from the lead's own fields where the audit is not shared.
 */
import { CUT, PLAIN } from 'c/auditStory';
import { CARD } from 'c/texts';
import { fill, likelihood, moment, percent } from 'c/wording';

const NOTES = { [CUT]: CARD.othersUnread, [PLAIN]: CARD.othersPlain };
const INNER = 'slds-p-left_medium';
/** How whom a decision names is introduced; others name nobody unless they have somebody to name. */
const OWNERS = { assigned: CARD.owner, suggested: CARD.proposed, observed: CARD.proposed };

/**
 * Returns what an audit (as c/auditStory reads it) tells.
 */
export function fromAudit(audit) {
    const isWaiting = audit.outcome === 'waiting';
    return {
        ...audit,
        likely: sureness(audit.confidence),
        isReview: audit.matchStatus === 'review',
        ownerLabel: OWNERS[audit.outcome] ?? (audit.assignee ? CARD.owner : ''),
        reason: some(audit.reason),
        decided: moment(audit.decidedAt),
        waitingSince: isWaiting ? moment(audit.decidedAt) : '',
        askedAgain: isWaiting ? moment(audit.until) : '',
        responseDue: moment(audit.response?.dueAt),
        responded: moment(audit.response?.at),
        openLabel: fill(CARD.openAudit, audit.name ?? ''),
        othersNote: NOTES[audit.othersState] ?? (audit.others.length ? '' : CARD.noOthers),
        story: some(audit.story.map((line) => ({ ...line, style: line.isInner ? INNER : '' })))
    };
}

/**
 * Returns what a lead's own fields tell; `value` gives a field by our name.
 */
export function fromStamp(value) {
    return {
        outcome: 'assigned',
        account: named(value('account'), value('accountName')),
        likely: sureness(value('confidence')),
        ownerLabel: CARD.owner,
        assignee: named(value('owner'), value('ownerName')),
        rule: value('rule'),
        decidedAt: value('routedAt'),
        decided: moment(value('routedAt'))
    };
}

function some(lines) {
    return lines.length ? lines : null;
}

function named(id, name) {
    return id ? { id, name: name ?? id } : null;
}

function sureness(probability) {
    return typeof probability === 'number' ? fill(CARD.confidence, likelihood(probability), percent(probability)) : '';
}
