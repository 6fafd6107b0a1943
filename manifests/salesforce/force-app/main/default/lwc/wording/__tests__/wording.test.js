import { amount, complaint, fill, isStale, likelihood, moment, percent } from 'c/wording';

describe('numbers and likelihoods', () => {
    it('never rounds a percentage up to a certainty it has not', () => {
        expect(percent(0.9999)).toBe('99.9%');
        expect(percent(1)).toBe('100%');
        expect(percent(0.29)).toBe('29%');
        expect(percent(0)).toBe('0%');
    });

    it.each([
        [1, 'Almost certain'],
        [0.989, 'Very likely'],
        [0.9, 'Very likely'],
        [0.8, 'Likely'],
        [0.5, 'Perhaps'],
        [0.2, 'Unlikely']
    ])('says %d in words: %s', (probability, words) => {
        expect(likelihood(probability)).toBe(words);
    });

    it('shows two digits at most', () => {
        expect([amount(4), amount(2.499), amount(1234.5)]).toEqual(['4', '2.5', '1,234.5']);
    });

    it('shows a time in the zone of the user, and nothing for what is no time', () => {
        // The stub of @salesforce/i18n/timeZone says America/Los_Angeles.
        expect(moment('2026-11-22T10:00:00.000Z')).toMatch(/^Nov 22, 2026, 2:00\sAM$/);
        expect([moment(null), moment(undefined), moment('soon')]).toEqual(['', '', '']);
    });
});

describe('places in texts', () => {
    it('fills places with values, and leaves a place without one', () => {
        expect(fill('{0} of {1}, {2}', 3, 'four')).toBe('3 of four, {2}');
    });

    it('does not read a value as a place', () => {
        expect(fill('{0} {1}', '{1}', 'b')).toBe('{1} b');
    });
});

describe('errors', () => {
    it.each([
        ['one of the record page', { body: { message: 'No access.' } }, 'No access.'],
        ['a list', { body: [{ message: 'One.' }, { message: 'Two.' }] }, 'One. Two.'],
        ['GraphQL errors', [{ message: 'Three.' }, { message: 'Four.' }], 'Three. Four.'],
        [
            'a validation rule',
            {
                body: {
                    message: 'An error occurred.',
                    output: { errors: [{ message: 'Closed.' }], fieldErrors: { Status: [{ message: 'Bad status.' }] } }
                }
            },
            'Closed. Bad status.'
        ],
        ['an error of JavaScript', new Error('Broken.'), 'Broken.'],
        ['an answer without a body', { statusText: 'Bad Gateway' }, 'Bad Gateway'],
        ['nothing', undefined, '']
    ])('reads %s', (_, error, text) => {
        expect(complaint(error)).toBe(text);
    });

    it('knows a record that has changed meanwhile', () => {
        expect([409, 412, 400].map((status) => isStale({ status }))).toEqual([true, true, false]);
        expect(isStale(undefined)).toBe(false);
    });
});
