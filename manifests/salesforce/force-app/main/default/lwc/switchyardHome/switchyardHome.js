/**
 * The home page for administrators: the first steps, ticked where that can be told from records, and how things stand.
 */
import { LightningElement, api, wire } from 'lwc';
import { graphql } from 'lightning/graphql';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import AUDIT from '@salesforce/schema/Routing_Audit__c';
import RULE from '@salesforce/schema/Routing_Rule__c';
import { HOME } from 'c/texts';
import { amount, complaint, fill, moment } from 'c/wording';
import { STATE } from './query';

const DAY = 24 * 60 * 60 * 1000;

export default class SwitchyardHome extends LightningElement {
    /** Where the console is; empty for that of Switchyard itself, which the label Home_ConsoleAddress names. */
    @api consoleAddress;

    text = HOME;
    auditObject = AUDIT;
    ruleObject = RULE;
    variables = { since: new Date(Date.now() - DAY).toISOString() };
    found;
    failure;
    isDenied = false;
    mayWrite = false;

    @wire(graphql, { query: STATE, variables: '$variables' })
    takeState({ data, errors, refresh }) {
        this.refreshWire = refresh ?? this.refreshWire;
        if (data) {
            this.found = read(data.uiapi.query);
            this.failure = undefined;
        } else if (errors) {
            this.failure = complaint(errors);
        }
    }

    @wire(getObjectInfo, { objectApiName: '$ruleObject' })
    takeRuleInfo({ data, error }) {
        this.isDenied = this.isDenied || (!data && Boolean(error));
        this.mayWrite = Boolean(data?.createable && data?.updateable);
    }

    @wire(getObjectInfo, { objectApiName: '$auditObject' })
    takeAuditInfo({ data, error }) {
        this.isDenied = this.isDenied || (!data && Boolean(error));
    }

    /** Reads everything anew; the last 24 hours then end now. */
    refresh() {
        this.variables = { since: new Date(Date.now() - DAY).toISOString() };
        this.refreshWire?.();
    }

    get isLoading() {
        return !this.found && !this.failure && !this.isDenied;
    }

    get isFailed() {
        return Boolean(this.failure) && !this.isDenied;
    }

    get isShown() {
        return Boolean(this.found) && !this.isFailed && !this.isDenied;
    }

    get failedText() {
        return fill(HOME.failed, this.failure);
    }

    /** The console's address; null when the page names one that is no https address, so that no link runs a script. */
    get address() {
        const wanted = (this.consoleAddress || HOME.consoleAddress).trim();
        return /^https:\/\/[^\s/]+/i.test(wanted) ? wanted : null;
    }

    get hasBadAddress() {
        return !this.address;
    }

    get isConnected() {
        return this.found.isRead || Boolean(this.found.decidedAt);
    }

    get connectLabel() {
        return this.isShown && this.isConnected ? HOME.openConsole : HOME.connect;
    }

    get steps() {
        const { liveRules, errors, mode } = this.found;
        return [
            step('install', HOME.stepInstall, HOME.stepInstallHint, true),
            step('access', HOME.stepAccess, HOME.stepAccessHint, this.mayWrite),
            step('connect', HOME.stepConnect, HOME.stepConnectHint, this.isConnected),
            step('rules', HOME.stepRules, HOME.stepRulesHint, liveRules > 0 && !errors),
            step('live', HOME.stepLive, HOME.stepLiveHint, mode === 'act')
        ];
    }

    get facts() {
        const { liveRules, errors, decidedAt, modeLabel, refused } = this.found;
        return [
            { key: 'rules', label: HOME.liveRules, value: amount(liveRules) },
            { key: 'errors', label: HOME.rulesWithErrors, value: amount(errors) },
            { key: 'latest', label: HOME.lastDecision, value: moment(decidedAt) || HOME.never },
            { key: 'mode', label: HOME.mode, value: modeLabel || HOME.never },
            { key: 'refused', label: HOME.refusedLastDay, value: amount(refused) }
        ];
    }
}

function step(key, label, hint, isDone) {
    return {
        key,
        label,
        hint,
        said: isDone ? HOME.done : HOME.open,
        icon: isDone ? 'utility:success' : 'utility:routing_offline',
        variant: isDone ? 'success' : ''
    };
}

/** Returns what the answer to the question says. `isRead`: Switchyard has read the rules and written their version. */
function read(answer) {
    const newest = answer.latest.edges[0]?.node;
    return {
        liveRules: answer.liveRules.totalCount,
        errors: answer.errors.totalCount,
        isRead: answer.read.totalCount > 0,
        decidedAt: newest?.decidedAt?.value,
        mode: newest?.mode?.value,
        modeLabel: newest?.mode?.displayValue ?? newest?.mode?.value,
        refused: answer.refused.totalCount
    };
}
