/**
 * What every part of a card or page needs: whom to ask, and how to speak.
 */
import type { CrmContext, SettingsContext } from '@hubspot/ui-extensions';
import { useMemo } from 'react';
import { chosen, speaker, type Language, type Say } from './texts';

export interface Page {
    /** The connector's address without a slash at its end; empty when the project's profile names none. */
    host: string;
    language: Language;
    say: Say;
    /** The portal's time zone; empty for one that this browser does not know. */
    zone: string;
}

/** Returns the page of a card or of the settings page; the same one as long as its parts are the same. */
export function usePage({ user, portal, variables }: CrmContext | SettingsContext): Page {
    // HOST stands in src/hsprofile.*.json; HubSpot puts it into the context as well as into the *-hsmeta.json files.
    const host = String(variables?.HOST ?? '').replace(/\/+$/, '');
    const language = chosen(user.locale ?? user.language);
    const zone = known(portal.timezone);
    return useMemo(() => ({ host, language, say: speaker(language), zone }), [host, language, zone]);
}

function known(zone: string): string {
    try {
        new Intl.DateTimeFormat('en', { timeZone: zone });
        return zone;
    } catch {
        return '';
    }
}
