/**
 * All texts of the components, by component. They are custom labels, so the translations of the package apply.
 */
import Card_Account from '@salesforce/label/c.Card_Account';
import Card_AskedAgain from '@salesforce/label/c.Card_AskedAgain';
import Card_Certain from '@salesforce/label/c.Card_Certain';
import Card_Confidence from '@salesforce/label/c.Card_Confidence';
import Card_Corrections from '@salesforce/label/c.Card_Corrections';
import Card_Denied from '@salesforce/label/c.Card_Denied';
import Card_Done from '@salesforce/label/c.Card_Done';
import Card_Empty from '@salesforce/label/c.Card_Empty';
import Card_EmptyHint from '@salesforce/label/c.Card_EmptyHint';
import Card_Failed from '@salesforce/label/c.Card_Failed';
import Card_Hidden from '@salesforce/label/c.Card_Hidden';
import Card_HideStory from '@salesforce/label/c.Card_HideStory';
import Card_Late from '@salesforce/label/c.Card_Late';
import Card_LeftOut from '@salesforce/label/c.Card_LeftOut';
import Card_Likely from '@salesforce/label/c.Card_Likely';
import Card_Loading from '@salesforce/label/c.Card_Loading';
import Card_NoAccount from '@salesforce/label/c.Card_NoAccount';
import Card_NoEdit from '@salesforce/label/c.Card_NoEdit';
import Card_NoOthers from '@salesforce/label/c.Card_NoOthers';
import Card_NoRule from '@salesforce/label/c.Card_NoRule';
import Card_Nobody from '@salesforce/label/c.Card_Nobody';
import Card_NotSent from '@salesforce/label/c.Card_NotSent';
import Card_OpenAudit from '@salesforce/label/c.Card_OpenAudit';
import Card_Others from '@salesforce/label/c.Card_Others';
import Card_OthersPlain from '@salesforce/label/c.Card_OthersPlain';
import Card_OthersUnread from '@salesforce/label/c.Card_OthersUnread';
import Card_Owner from '@salesforce/label/c.Card_Owner';
import Card_Pending from '@salesforce/label/c.Card_Pending';
import Card_Perhaps from '@salesforce/label/c.Card_Perhaps';
import Card_Proposed from '@salesforce/label/c.Card_Proposed';
import Card_Refused from '@salesforce/label/c.Card_Refused';
import Card_Responded from '@salesforce/label/c.Card_Responded';
import Card_Response from '@salesforce/label/c.Card_Response';
import Card_ResponseDue from '@salesforce/label/c.Card_ResponseDue';
import Card_Review from '@salesforce/label/c.Card_Review';
import Card_Rule from '@salesforce/label/c.Card_Rule';
import Card_Sending from '@salesforce/label/c.Card_Sending';
import Card_ShowStory from '@salesforce/label/c.Card_ShowStory';
import Card_Stale from '@salesforce/label/c.Card_Stale';
import Card_SureUndo from '@salesforce/label/c.Card_SureUndo';
import Card_SureWrongMatch from '@salesforce/label/c.Card_SureWrongMatch';
import Card_SureWrongOwner from '@salesforce/label/c.Card_SureWrongOwner';
import Card_Title from '@salesforce/label/c.Card_Title';
import Card_Undo from '@salesforce/label/c.Card_Undo';
import Card_Unlikely from '@salesforce/label/c.Card_Unlikely';
import Card_VeryLikely from '@salesforce/label/c.Card_VeryLikely';
import Card_WaitingSince from '@salesforce/label/c.Card_WaitingSince';
import Card_When from '@salesforce/label/c.Card_When';
import Card_Why from '@salesforce/label/c.Card_Why';
import Card_WrongMatch from '@salesforce/label/c.Card_WrongMatch';
import Card_WrongOwner from '@salesforce/label/c.Card_WrongOwner';
import Home_BadAddress from '@salesforce/label/c.Home_BadAddress';
import Home_CardHint from '@salesforce/label/c.Home_CardHint';
import Home_Connect from '@salesforce/label/c.Home_Connect';
import Home_ConsoleAddress from '@salesforce/label/c.Home_ConsoleAddress';
import Home_Denied from '@salesforce/label/c.Home_Denied';
import Home_Done from '@salesforce/label/c.Home_Done';
import Home_Failed from '@salesforce/label/c.Home_Failed';
import Home_FirstSteps from '@salesforce/label/c.Home_FirstSteps';
import Home_LastDecision from '@salesforce/label/c.Home_LastDecision';
import Home_LiveRules from '@salesforce/label/c.Home_LiveRules';
import Home_Loading from '@salesforce/label/c.Home_Loading';
import Home_Mode from '@salesforce/label/c.Home_Mode';
import Home_Never from '@salesforce/label/c.Home_Never';
import Home_NewTab from '@salesforce/label/c.Home_NewTab';
import Home_Open from '@salesforce/label/c.Home_Open';
import Home_OpenConsole from '@salesforce/label/c.Home_OpenConsole';
import Home_Refresh from '@salesforce/label/c.Home_Refresh';
import Home_RefusedLastDay from '@salesforce/label/c.Home_RefusedLastDay';
import Home_RulesWithErrors from '@salesforce/label/c.Home_RulesWithErrors';
import Home_StateTitle from '@salesforce/label/c.Home_StateTitle';
import Home_StepAccess from '@salesforce/label/c.Home_StepAccess';
import Home_StepAccessHint from '@salesforce/label/c.Home_StepAccessHint';
import Home_StepConnect from '@salesforce/label/c.Home_StepConnect';
import Home_StepConnectHint from '@salesforce/label/c.Home_StepConnectHint';
import Home_StepInstall from '@salesforce/label/c.Home_StepInstall';
import Home_StepInstallHint from '@salesforce/label/c.Home_StepInstallHint';
import Home_StepLive from '@salesforce/label/c.Home_StepLive';
import Home_StepLiveHint from '@salesforce/label/c.Home_StepLiveHint';
import Home_StepRules from '@salesforce/label/c.Home_StepRules';
import Home_StepRulesHint from '@salesforce/label/c.Home_StepRulesHint';
import Home_Title from '@salesforce/label/c.Home_Title';
import Rule_Ahead from '@salesforce/label/c.Rule_Ahead';
import Rule_Bar from '@salesforce/label/c.Rule_Bar';
import Rule_Behind from '@salesforce/label/c.Rule_Behind';
import Rule_Definition from '@salesforce/label/c.Rule_Definition';
import Rule_Difference from '@salesforce/label/c.Rule_Difference';
import Rule_Draft from '@salesforce/label/c.Rule_Draft';
import Rule_DraftHint from '@salesforce/label/c.Rule_DraftHint';
import Rule_Entitled from '@salesforce/label/c.Rule_Entitled';
import Rule_Errors from '@salesforce/label/c.Rule_Errors';
import Rule_ErrorsHint from '@salesforce/label/c.Rule_ErrorsHint';
import Rule_Failed from '@salesforce/label/c.Rule_Failed';
import Rule_Level from '@salesforce/label/c.Rule_Level';
import Rule_Line from '@salesforce/label/c.Rule_Line';
import Rule_LineError from '@salesforce/label/c.Rule_LineError';
import Rule_Live from '@salesforce/label/c.Rule_Live';
import Rule_LiveAs from '@salesforce/label/c.Rule_LiveAs';
import Rule_Loading from '@salesforce/label/c.Rule_Loading';
import Rule_NoErrors from '@salesforce/label/c.Rule_NoErrors';
import Rule_NoStanding from '@salesforce/label/c.Rule_NoStanding';
import Rule_Person from '@salesforce/label/c.Rule_Person';
import Rule_Received from '@salesforce/label/c.Rule_Received';
import Rule_Retired from '@salesforce/label/c.Rule_Retired';
import Rule_RetiredHint from '@salesforce/label/c.Rule_RetiredHint';
import Rule_Standing from '@salesforce/label/c.Rule_Standing';
import Rule_Title from '@salesforce/label/c.Rule_Title';
import Rule_Total from '@salesforce/label/c.Rule_Total';
import Rule_Unread from '@salesforce/label/c.Rule_Unread';

/** Texts of the card on leads and contacts. */
export const CARD = Object.freeze({
    account: Card_Account,
    askedAgain: Card_AskedAgain,
    certain: Card_Certain,
    confidence: Card_Confidence,
    corrections: Card_Corrections,
    denied: Card_Denied,
    done: Card_Done,
    empty: Card_Empty,
    emptyHint: Card_EmptyHint,
    failed: Card_Failed,
    hidden: Card_Hidden,
    hideStory: Card_HideStory,
    late: Card_Late,
    leftOut: Card_LeftOut,
    likely: Card_Likely,
    loading: Card_Loading,
    noAccount: Card_NoAccount,
    noEdit: Card_NoEdit,
    noOthers: Card_NoOthers,
    noRule: Card_NoRule,
    nobody: Card_Nobody,
    notSent: Card_NotSent,
    openAudit: Card_OpenAudit,
    others: Card_Others,
    othersPlain: Card_OthersPlain,
    othersUnread: Card_OthersUnread,
    owner: Card_Owner,
    pending: Card_Pending,
    perhaps: Card_Perhaps,
    proposed: Card_Proposed,
    refused: Card_Refused,
    responded: Card_Responded,
    response: Card_Response,
    responseDue: Card_ResponseDue,
    review: Card_Review,
    rule: Card_Rule,
    sending: Card_Sending,
    showStory: Card_ShowStory,
    stale: Card_Stale,
    sureUndo: Card_SureUndo,
    sureWrongMatch: Card_SureWrongMatch,
    sureWrongOwner: Card_SureWrongOwner,
    title: Card_Title,
    undo: Card_Undo,
    unlikely: Card_Unlikely,
    veryLikely: Card_VeryLikely,
    waitingSince: Card_WaitingSince,
    when: Card_When,
    why: Card_Why,
    wrongMatch: Card_WrongMatch,
    wrongOwner: Card_WrongOwner
});

/** Texts of the card on rules. */
export const RULE = Object.freeze({
    ahead: Rule_Ahead,
    bar: Rule_Bar,
    behind: Rule_Behind,
    definition: Rule_Definition,
    difference: Rule_Difference,
    draft: Rule_Draft,
    draftHint: Rule_DraftHint,
    entitled: Rule_Entitled,
    errors: Rule_Errors,
    errorsHint: Rule_ErrorsHint,
    failed: Rule_Failed,
    level: Rule_Level,
    line: Rule_Line,
    lineError: Rule_LineError,
    live: Rule_Live,
    liveAs: Rule_LiveAs,
    loading: Rule_Loading,
    noErrors: Rule_NoErrors,
    noStanding: Rule_NoStanding,
    person: Rule_Person,
    received: Rule_Received,
    retired: Rule_Retired,
    retiredHint: Rule_RetiredHint,
    standing: Rule_Standing,
    title: Rule_Title,
    total: Rule_Total,
    unread: Rule_Unread
});

/** Texts of the home page. */
export const HOME = Object.freeze({
    badAddress: Home_BadAddress,
    cardHint: Home_CardHint,
    connect: Home_Connect,
    consoleAddress: Home_ConsoleAddress,
    denied: Home_Denied,
    done: Home_Done,
    failed: Home_Failed,
    firstSteps: Home_FirstSteps,
    lastDecision: Home_LastDecision,
    liveRules: Home_LiveRules,
    loading: Home_Loading,
    mode: Home_Mode,
    never: Home_Never,
    newTab: Home_NewTab,
    open: Home_Open,
    openConsole: Home_OpenConsole,
    refresh: Home_Refresh,
    refusedLastDay: Home_RefusedLastDay,
    rulesWithErrors: Home_RulesWithErrors,
    stateTitle: Home_StateTitle,
    stepAccess: Home_StepAccess,
    stepAccessHint: Home_StepAccessHint,
    stepConnect: Home_StepConnect,
    stepConnectHint: Home_StepConnectHint,
    stepInstall: Home_StepInstall,
    stepInstallHint: Home_StepInstallHint,
    stepLive: Home_StepLive,
    stepLiveHint: Home_StepLiveHint,
    stepRules: Home_StepRules,
    stepRulesHint: Home_StepRulesHint,
    title: Home_Title
});
