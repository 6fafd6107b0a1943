/**
 * One Routing Audit record, as the GraphQL wire adapter gives it, as a plain object for the card.
 *
 * Who else was considered stands only in the detail, which is JSON with a version under `v`. It may have been cut to the
 * length of its field: then `cut` is set and whole parts are missing, or `short` names the parts that were left out. The
 * story in plain words is always there.
 */
import { percent } from 'c/wording';

/** Versions of the detail whose candidates are laid out as read here. */
const READABLE = new Set([1, 2]);
const RECORD_ID = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;

/** Whether the list of other accounts is there, was too long to be kept, or cannot be read. */
export const KNOWN = 'known';
export const CUT = 'cut';
export const PLAIN = 'plain';

/**
 * Returns the audit of a GraphQL node; every value is undefined or null where the user may not see its field.
 */
export function readAudit(node) {
    const value = (name) => node[name]?.value ?? null;
    const detail = readDetail(value('detail'));
    return {
        id: node.Id,
        name: value('Name'),
        key: value('key'),
        outcome: value('outcome'),
        outcomeLabel: node.outcome?.displayValue ?? value('outcome'),
        mode: value('mode'),
        matchStatus: value('matchStatus'),
        confidence: value('confidence'),
        account: named(value('accountId'), node.account) ?? candidate(detail?.match?.account),
        assignee: named(value('assigneeId'), node.assignee) ?? taker(detail?.route),
        reason: lines(value('reason')),
        story: lines(value('story')),
        rule: value('rule'),
        decidedAt: value('decidedAt'),
        response: readResponse(node),
        until: textOrNull(detail?.route?.until),
        ...readOthers(detail)
    };
}

function readResponse(node) {
    const status = node.responseStatus?.value ?? null;
    if (!status || status === 'none') {
        return null;
    }
    return {
        status,
        label: node.responseStatus.displayValue ?? status,
        dueAt: node.responseDueAt?.value ?? null,
        at: node.respondedAt?.value ?? null
    };
}

/**
 * Returns the detail as an object; null when it is empty, no JSON, or of a version that came later than this package.
 */
export function readDetail(text) {
    try {
        const told = JSON.parse(text);
        return told?.cut || READABLE.has(told?.v) ? told : null;
    } catch {
        return null;
    }
}

function readOthers(detail) {
    const others = detail?.match?.others;
    if (detail && (!Array.isArray(others) || hasLost(detail, 'match.others'))) {
        return { othersState: CUT, others: [], leftOut: [] };
    }
    if (!detail) {
        return { othersState: PLAIN, others: [], leftOut: [] };
    }
    const filtered = Array.isArray(detail.match.filtered) ? detail.match.filtered : [];
    return {
        othersState: KNOWN,
        others: others.map(candidate).filter(Boolean),
        leftOut: filtered
            .filter(Array.isArray)
            .map(([id, name, why]) => ({ ...link(id, name), why: String(why ?? '') }))
    };
}

function hasLost(detail, part) {
    return Array.isArray(detail.short) && detail.short.includes(part);
}

function candidate(told) {
    if (!told || typeof told !== 'object') {
        return null;
    }
    const likely = typeof told.p === 'number' ? percent(told.p) : '';
    return { ...link(told.id, told.name), percent: likely };
}

function named(id, parent) {
    return id ? link(id, parent?.Name?.value) : null;
}

/** Who took it where the audit cannot point to them: a queue, called as the rule calls it. */
function taker(route) {
    const key = textOrNull(route?.assignee);
    return key && { key, id: null, name: textOrNull(route.target) ?? key };
}

function link(id, name) {
    const key = String(id ?? '');
    return { key, id: RECORD_ID.test(key) ? key : null, name: String(name || key) };
}

function lines(text) {
    return String(text ?? '')
        .split(/\r?\n/)
        .filter((line) => line.trim())
        .map((line, index) => ({ key: String(index), text: line, isInner: /^\s/.test(line) }));
}

function textOrNull(value) {
    return typeof value === 'string' && value ? value : null;
}
