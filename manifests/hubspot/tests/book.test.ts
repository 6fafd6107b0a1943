import { expect, test } from 'vitest';
import {
    added,
    edited,
    isChanged,
    judged,
    moved,
    opened,
    rebased,
    removed,
    wishes,
    yielded
} from '../src/app/settings/parts/book';
import { RECORDS, RULES } from './support/connector';

const BOOK = opened(RULES);
const NAMES = (book: typeof BOOK) => book.entries.map(({ name, text }) => name || text);

function published(changes: Record<string, string | null>) {
    const items = RULES.items
        .filter(({ id }) => changes[id] !== null)
        .map((item) => ({ ...item, definition: changes[item.id] ?? item.definition }));
    return { ...RULES, version: 'b', items };
}

test('what nobody touched is no change, and is sent without its text', () => {
    expect(isChanged(BOOK)).toBe(false);
    expect(wishes(BOOK)).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
    expect(NAMES(opened(RECORDS))).toEqual(['Enterprise EMEA', 'Broken', 'Everywhere']);
});

test('an edit is sent, and one that is taken back is none', () => {
    const book = edited(BOOK, '2', '- pool: Other');
    expect(isChanged(book)).toBe(true);
    expect(wishes(book)[1]).toEqual({ id: '2', definition: '- pool: Other' });
    expect(isChanged(edited(book, '2', '- pool: Desk\n'))).toBe(false);
});

test('entries are added at the end, moved within the list and removed', () => {
    const more = edited(added(added(BOOK)), 'new 1', '- list: A');
    expect(wishes(more).slice(3)).toEqual([
        { id: '', definition: '- list: A' },
        { id: '', definition: '' }
    ]);
    const fewer = removed(removed(more, 'new 2'), '1');
    expect(NAMES(fewer)).toEqual(['Desk', 'Last', '- list: A']);
    expect(fewer.removed.map(({ id }) => id)).toEqual(['1']);
    expect(NAMES(moved(BOOK, '3', -1))).toEqual(['First', 'Last', 'Desk']);
    expect(isChanged(moved(BOOK, '1', 1))).toBe(true);
    expect(moved(BOOK, '1', -1)).toBe(BOOK);
    expect(moved(BOOK, '3', 1)).toBe(BOOK);
    expect(moved(BOOK, 'nobody', 1)).toBe(BOOK);
});

test('faults stand at the entry that has them until it is edited', () => {
    const fault = { item: 1, line: 2, column: 1, message: 'There is no user.', remedy: 'Write one.' };
    const book = judged(edited(BOOK, '2', 'x'), [fault]);
    expect(book.entries.map(({ faults }) => faults.length)).toEqual([0, 1, 0]);
    expect(edited(book, '2', 'x')).toEqual(book);
    expect(edited(book, '2', 'y').entries[1]?.faults).toEqual([]);
});

test('ones own texts outlive what others published, and theirs stands beside where both changed the same', () => {
    const mine = edited(edited(added(BOOK), '1', 'mine'), 'new 1', 'fresh');
    const book = rebased(mine, published({ '1': 'theirs', '2': 'theirs too' }));
    expect(book.version).toBe('b');
    expect(book.entries.map(({ text, theirs }) => [text, theirs])).toEqual([
        ['mine', 'theirs'],
        ['theirs too', null],
        ['- rule: Last\n', null],
        ['fresh', null]
    ]);
    expect(yielded(book, '1').entries[0]).toMatchObject({ text: 'theirs', theirs: null });
    expect(rebased(mine, published({ '2': 'other' })).entries[0]).toMatchObject({ text: 'mine', theirs: null });
    expect(rebased(mine, published({ '1': 'mine' })).entries[0]).toMatchObject({ text: 'mine', live: 'mine' });
});

test('what they removed becomes new where it was edited here, and goes where it was not', () => {
    const book = rebased(edited(BOOK, '1', 'mine'), published({ '1': null, '2': null }));
    expect(book.entries.map(({ id, text }) => [id, text])).toEqual([
        ['3', '- rule: Last\n'],
        ['', 'mine']
    ]);
});

test('a removal stays unless they changed what was removed', () => {
    const mine = removed(removed(BOOK, '1'), '2');
    const book = rebased(mine, published({ '2': 'theirs' }));
    expect(NAMES(book)).toEqual(['Desk', 'Last']);
    expect(book.removed.map(({ id }) => id)).toEqual(['1']);
});
