/**
 * The rules as somebody is changing them: what they wrote stays, whatever the connector says or others do meanwhile.
 */
import type { Fault, RuleItem, RulesAnswer, RuleWish } from 'switchyard-ui';

/** One item of the list. `text` is null for one that is too long for a page: it stays as it is. */
export interface Entry {
    /** Tells entries apart, new ones too. */
    key: string;
    id: string;
    name: string;
    kind: string;
    text: string | null;
    /** The text that is live; empty for a new one. */
    live: string | null;
    /** What is wrong with it by the connector's last look. */
    error: string;
    faults: Fault[];
    /** What somebody else published meanwhile, where both changed the same item. */
    theirs: string | null;
}

export interface Book {
    version: string;
    entries: Entry[];
    /** Entries that are to be removed, so that they can be had back. */
    removed: Entry[];
    /** Whether the order is another one than that which is live. */
    moved: boolean;
    /** Counts new entries. */
    made: number;
}

/** Returns the rules as they are; what somebody only drafts is no part of what is published. */
export function opened({ version, items }: RulesAnswer): Book {
    const entries = items.filter(({ state }) => state === 'live').map(entryOf);
    return { version, entries, removed: [], moved: false, made: 0 };
}

function entryOf({ id, name, kind, definition, error }: RuleItem): Entry {
    return { key: id, id, name, kind, text: definition, live: definition, error, faults: [], theirs: null };
}

/** Whether there is anything to publish. */
export function isChanged({ entries, removed, moved }: Book): boolean {
    return moved || removed.length > 0 || entries.some(isEdited);
}

/** Whether somebody wrote something in an entry, or made it. */
export function isEdited({ id, text, live }: Entry): boolean {
    return !id || text !== live;
}

/** Puts a text into an entry; faults were those of the text before. */
export function edited(book: Book, key: string, text: string): Book {
    return changed(book, key, (entry) => (entry.text === text ? entry : { ...entry, text, faults: [] }));
}

/** Takes what somebody else published instead of one's own text. */
export function yielded(book: Book, key: string): Book {
    return changed(book, key, (entry) => ({ ...entry, text: entry.live, theirs: null, faults: [] }));
}

function changed(book: Book, key: string, how: (entry: Entry) => Entry): Book {
    return { ...book, entries: book.entries.map((entry) => (entry.key === key ? how(entry) : entry)) };
}

/** Adds an empty entry at the end. */
export function added(book: Book): Book {
    const made = book.made + 1;
    const nothing = { id: '', name: '', kind: '', text: '', live: '', error: '', faults: [], theirs: null };
    return { ...book, made, entries: [...book.entries, { ...nothing, key: `new ${made}` }] };
}

/** Takes an entry out of the list; one that was never live is gone. */
export function removed(book: Book, key: string): Book {
    const entries = book.entries.filter((entry) => entry.key !== key);
    const gone = book.entries.filter((entry) => entry.key === key && entry.id);
    return { ...book, entries, removed: [...book.removed, ...gone] };
}

/** Moves an entry by one place: up by -1, down by 1. */
export function moved(book: Book, key: string, by: -1 | 1): Book {
    const from = book.entries.findIndex((entry) => entry.key === key);
    const to = from + by;
    const entry = book.entries[from];
    if (!entry || to < 0 || to >= book.entries.length) {
        return book;
    }
    const entries = book.entries.filter((each) => each !== entry);
    entries.splice(to, 0, entry);
    return { ...book, entries, moved: true };
}

/** Returns what is sent: the whole list, with the texts that were edited. */
export function wishes({ entries }: Book): RuleWish[] {
    return entries.map((entry) => ({
        id: entry.id,
        ...(isEdited(entry) && entry.text !== null && { definition: entry.text })
    }));
}

/** Puts each fault at its entry. Returns the book, and the faults that are about the whole. */
export function judged(book: Book, faults: Fault[]): Book {
    const entries = book.entries.map((entry, place) => ({
        ...entry,
        faults: faults.filter(({ item }) => item === place)
    }));
    return { ...book, entries };
}

/**
 * Carries one's own changes over to rules that others have changed meanwhile. Texts stay, beside theirs where both changed
 * the same item; what they removed becomes new again if it was edited here; removals stay unless they changed the item.
 * One's own order is given up for theirs.
 */
export function rebased(mine: Book, theirs: RulesAnswer): Book {
    const base = opened(theirs);
    const own = new Map(mine.entries.filter(({ id }) => id).map((entry) => [entry.id, entry]));
    const gone = new Map(mine.removed.map((entry) => [entry.id, entry]));
    const known = new Set(base.entries.map(({ id }) => id));
    const leaves = (entry: Entry) => gone.get(entry.id)?.live === entry.live && gone.has(entry.id);
    const entries = base.entries.filter((entry) => !leaves(entry)).map((entry) => merged(own.get(entry.id), entry));
    const lost = mine.entries.filter((entry) => isEdited(entry) && !known.has(entry.id));
    const anew = lost.map((entry) => ({ ...entry, id: '', live: '', theirs: null }));
    return { ...base, entries: [...entries, ...anew], removed: base.entries.filter(leaves), made: mine.made };
}

function merged(mine: Entry | undefined, theirs: Entry): Entry {
    if (!mine || !isEdited(mine) || mine.text === theirs.text) {
        return theirs;
    }
    return { ...theirs, text: mine.text, theirs: mine.live === theirs.live ? null : theirs.text };
}
