import { expect, test } from 'vitest';
import { chosen, speaker, TEXTS, type Key, type Language } from 'switchyard-ui';

const KEYS = Object.keys(TEXTS.en) as Key[];
const OTHERS = (Object.keys(TEXTS) as Language[]).filter((language) => language !== 'en');

function places(text: string): string[] {
    return (text.match(/\{\d\}/g) ?? []).sort();
}

test.each(OTHERS)('%s has every text, with the same places, and nothing besides', (language) => {
    expect(Object.keys(TEXTS[language])).toEqual(KEYS);
    for (const key of KEYS) {
        expect(TEXTS[language][key].trim()).not.toBe('');
        expect([key, places(TEXTS[language][key])]).toEqual([key, places(TEXTS.en[key])]);
    }
});

test.each(OTHERS)('%s is translated: hardly any text is the English one', (language) => {
    const same = KEYS.filter((key) => TEXTS[language][key] === TEXTS.en[key] && /[a-z]{3}/.test(TEXTS.en[key]));
    expect(same.length).toBeLessThan(12);
});

test('no text has the name of the platform in it: cards may not carry it', () => {
    const named = Object.values(TEXTS).flatMap((texts) => Object.values(texts).filter((text) => /hub/i.test(text)));
    expect(named).toEqual([]);
});

test.each([
    ['de', 'de'],
    ['de_AT', 'de'],
    ['pt-br', 'pt_BR'],
    ['pt-PT', 'pt_BR'],
    ['es-419', 'es'],
    ['FR', 'fr'],
    ['ja-jp', 'en'],
    ['', 'en'],
    [undefined, 'en']
] as const)('who has the locale %s is spoken to in %s', (locale, language) => {
    expect(chosen(locale)).toBe(language);
});

test('values are put in as they are, also when they look like places', () => {
    expect(speaker('en')('record.confidence.value', '{1}', 'b')).toBe('{1} (b)');
    expect(speaker('en')('record.confidence.value', 1)).toBe('1 ({1})');
});
