/**
 * Numbers, shares and times as people read them.
 */
import type { Page } from './page';
import type { Language } from './texts';

const HOUR = 60;
const DAY = 24 * HOUR;
/** Minutes and name of a unit; below two of a unit the next one says more. */
const UNITS: [number, string][] = [
    [DAY, 'day'],
    [HOUR, 'hour']
];

function tag(language: Language): string {
    return language.replace('_', '-');
}

/**
 * Returns a probability as a percentage with at most one digit, never rounded up to a certainty it has not.
 */
export function percent(probability: number, { language }: Page): string {
    const share = Math.floor(probability * 1000 + 1e-9) / 1000;
    return new Intl.NumberFormat(tag(language), { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

/**
 * Returns a time (ISO 8601) in the portal's time zone; empty for what is no time.
 */
export function moment(text: string | null, { language, zone }: Page): string {
    const at = new Date(text ?? NaN);
    if (Number.isNaN(at.getTime())) {
        return '';
    }
    const shape: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' };
    return new Intl.DateTimeFormat(tag(language), zone ? { ...shape, timeZone: zone } : shape).format(at);
}

/**
 * Returns minutes in words, in the largest unit of which there are at least two.
 */
export function duration(minutes: number, { language }: Page): string {
    const [size, unit] = UNITS.find(([size]) => minutes >= 2 * size) ?? [1, 'minute'];
    const shape: Intl.NumberFormatOptions = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 };
    return new Intl.NumberFormat(tag(language), shape).format(Math.floor(minutes / size));
}
