/**
 * The texts of the cards and the settings page, in the language of who looks at them.
 */
import de from './locale/de.json';
import en from './locale/en.json';
import es from './locale/es.json';
import fr from './locale/fr.json';
import pt_BR from './locale/pt_BR.json';

export type Key = keyof typeof en;
export type Language = 'en' | 'pt_BR' | 'es' | 'fr' | 'de';
export type Say = (key: Key, ...values: (string | number)[]) => string;

/** Typed by the English texts, so that a language in which one is missing does not compile. */
export const TEXTS: Record<Language, Record<Key, string>> = { en, pt_BR, es, fr, de };

const BY_PREFIX: Record<string, Language> = { en: 'en', pt: 'pt_BR', es: 'es', fr: 'fr', de: 'de' };

/**
 * Returns our language for a locale such as `pt-br`, `de_AT` or `fr`; English for one that we do not speak.
 */
export function chosen(locale: string | undefined): Language {
    const prefix = (locale ?? '').toLowerCase().split(/[-_]/)[0] ?? '';
    return BY_PREFIX[prefix] ?? 'en';
}

/**
 * Returns what says a text in a language, its places `{0}`, `{1}` ... filled. Values are never read as places.
 */
export function speaker(language: Language): Say {
    return (key, ...values) =>
        TEXTS[language][key].replace(/\{(\d)\}/g, (place, index: string) => String(values[Number(index)] ?? place));
}
