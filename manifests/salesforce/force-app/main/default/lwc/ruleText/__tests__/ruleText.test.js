import { faults, marked, standing, stateOf } from 'c/ruleText';

describe('errors of a record', () => {
    it('reads line, column and message, and keeps lines that belong together', () => {
        const found = faults(
            'EMEA (a01), line 3, column 5: There is no list “Nordics”. Write a list.\n' +
                'and name it.\nEMEA, line 2 (a01), line 7, column 1: A rule needs a target.'
        );
        expect(found).toEqual([
            { key: '0', line: 3, column: 5, message: 'There is no list “Nordics”. Write a list.\nand name it.' },
            { key: '1', line: 7, column: 1, message: 'A rule needs a target.' }
        ]);
    });

    it('shows an error without a line as it is', () => {
        expect(faults('The rules are too many.')).toEqual([
            { key: '0', line: 0, column: 0, message: 'The rules are too many.' }
        ]);
        expect(faults(null)).toEqual([]);
    });

    it('marks the lines of the definition that have errors', () => {
        const lines = marked('- rule: A\n  when:\n  assign: pool', [{ line: 3 }, { line: 9 }]);
        expect(lines.map((line) => [line.number, line.isWrong])).toEqual([
            [1, false],
            [2, false],
            [3, true]
        ]);
        expect(marked(undefined, [])).toEqual([{ number: 1, text: '', isWrong: false }]);
    });
});

describe('standing of a pool', () => {
    it('reads who received and was entitled to what, also of names that look like a line', () => {
        const text =
            'What the mode suggest proposed; no lead changed owner by it.\n' +
            'Ana: received 3, entitled to 2.50 (0.50 ahead)\n' +
            'Bo: received 1: received 0, entitled to 0.50 (0.50 behind)\nCut…';
        expect(standing(text)).toEqual({
            shares: [
                { key: '0', name: 'Ana', received: 3, entitled: 2.5 },
                { key: '1', name: 'Bo: received 1', received: 0, entitled: 0.5 }
            ],
            notes: [
                { key: '0', text: 'What the mode suggest proposed; no lead changed owner by it.' },
                { key: '1', text: 'Cut…' }
            ]
        });
    });

    it('has nothing to say of an empty text', () => {
        expect(standing(null)).toEqual({ shares: [], notes: [] });
    });
});

describe('state of a record', () => {
    it.each([
        ['live', '3f2a', 'live'],
        ['draft', null, 'draft'],
        ['draft', '3f2a', 'draft'],
        ['draft', 'retired 0123456789ab', 'retired']
    ])('%s with version %s is %s', (state, version, wanted) => {
        expect(stateOf(state, version)).toBe(wanted);
    });
});
