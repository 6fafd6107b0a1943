/**
 * What the connector answers, in its own words; times are ISO 8601, probabilities go from 0 to 1.
 */
export type RoutingState = 'routed' | 'waiting' | 'unknown' | 'excluded';
export type Correction = 'wrong_match' | 'wrong_owner' | 'undo';
export type ResponseStatus = 'waiting' | 'in_time' | 'late' | 'never' | 'none';
export type Mode = 'observe' | 'suggest' | 'act';
export type Routes = 'contacts' | 'leads' | 'leads and contacts';
export type ConnectionState = 'live' | 'paused' | 'revoked';
export type Storage = 'app_objects' | 'custom_objects' | 'properties';

export interface Named {
    id: string;
    name: string;
}

export interface Rival extends Named {
    confidence: number;
    why: string | string[];
}

/** What was decided last about one record. */
export interface RecordAnswer {
    state: RoutingState;
    account: (Named & { url: string }) | null;
    confidence: number | null;
    confidence_words: string;
    why: string[];
    runners_up: Rival[];
    owner: Named | null;
    /** Nothing was given: `owner` is who would get the record. */
    proposed: boolean;
    rule: string;
    decided_at: string | null;
    since: string | null;
    response: { status: ResponseStatus; minutes: number | null; due_at: string | null } | null;
    reason: string;
    decision: string;
    can: Correction[];
    /** A correction that is on its way, or the last one, if it was not carried out. */
    pending: { request: Correction; since: string } | null;
    refused: { request: Correction; why: string; at: string } | null;
    story_url: string;
}

/** A lead that was matched with a company; `duplicate_of` is the older record of the same person, if there is one. */
export interface CompanyLead extends Named {
    /** The id of the type of its record: that of contacts or that of leads. */
    type: string;
    owner: string;
    decided_at: string;
    confidence: number | null;
    duplicate_of: (Named & { type: string }) | null;
}

export interface CompanyAnswer {
    leads: CompanyLead[];
    total: number;
    /** In this mode nothing is given: an `owner` is who would get the lead. */
    proposed: boolean;
}

export interface Check {
    name: string;
    ok: boolean;
    detail: string;
    remedy: string;
}

export interface SettingsAnswer {
    state: ConnectionState;
    /** Why the connection is not live; empty when it is. */
    reason: string;
    mode: Mode;
    /** Whether the reader may change the mode, what is routed, and the rules. */
    may_change: boolean;
    routes: Routes;
    /** Whether the portal has leads (0-136) and has granted them. */
    has_leads: boolean;
    crm_storage: Storage;
    crm_storage_why: string;
    console_url: string;
    checks: Check[];
}

/** One item of the rules; `definition` is null where it is too long for a page. */
export interface RuleItem {
    id: string;
    name: string;
    kind: string;
    position: number;
    definition: string | null;
    state: string;
    error: string;
    version: string;
    /** The page of its record; empty where there is none. */
    url: string;
}

export interface RulesAnswer {
    /** What these rules are called as they stand; goes back with what is published. */
    version: string;
    /** Whether the reader may publish here. */
    editable: boolean;
    may_change: boolean;
    /** Where they stand as records; empty where there are none. */
    records_url: string;
    /** What is wrong with the rules as a whole; then the last good version stays in force. */
    error: string;
    items: RuleItem[];
}

/** An item as it is published: without `definition` it stays as it is, without an id it is new. */
export interface RuleWish {
    id: string;
    definition?: string;
}

/** What is wrong in a text; `item` is its place in the list that was sent, null when it is about the whole. */
export interface Fault {
    item: number | null;
    line: number;
    column: number;
    message: string;
    remedy: string;
}
