/**
 * What the connector answers, in its own words; times are ISO 8601, probabilities go from 0 to 1.
 */
export type RoutingState = 'routed' | 'waiting' | 'unknown' | 'excluded';
export type Correction = 'wrong_match' | 'wrong_owner' | 'undo';
export type ResponseStatus = 'waiting' | 'in_time' | 'late' | 'never' | 'none';
export type Mode = 'observe' | 'suggest' | 'act';
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
    owner: string;
    decided_at: string;
    confidence: number | null;
    duplicate_of: Named | null;
}

export interface CompanyAnswer {
    leads: CompanyLead[];
    total: number;
}

export interface Check {
    name: string;
    ok: boolean;
    detail: string;
    remedy: string;
}

export interface RuleLine {
    name: string;
    kind: string;
    state: string;
    error: string;
}

export interface SettingsAnswer {
    state: ConnectionState;
    /** Why the connection is not live; empty when it is. */
    reason: string;
    mode: Mode;
    /** Whether the reader may change the mode. */
    may_change: boolean;
    crm_storage: Storage;
    crm_storage_why: string;
    /** What is wrong with the rules as a whole; then the last good version stays in force. */
    rules_error: string;
    rules: RuleLine[];
    console_url: string;
    checks: Check[];
}
