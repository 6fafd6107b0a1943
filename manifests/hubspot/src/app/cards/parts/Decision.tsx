/**
 * One decision: which account and how sure, why, who has the record since when, by which rule, and whether it was
 * answered.
 */
import { DescriptionList, DescriptionListItem, Flex, Link, List, StatusTag, Text } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';
import { duration, moment, percent, type Key, type Page, type RecordAnswer, type ResponseStatus } from 'switchyard-ui';

const TAGS: Record<ResponseStatus, { variant: 'info' | 'success' | 'warning' | 'danger' | 'default'; key: Key }> = {
    waiting: { variant: 'info', key: 'response.waiting' },
    in_time: { variant: 'success', key: 'response.in_time' },
    late: { variant: 'warning', key: 'response.late' },
    never: { variant: 'danger', key: 'response.never' },
    none: { variant: 'default', key: 'response.none' }
};

interface Props {
    page: Page;
    record: RecordAnswer;
}

export function Decision({ page, record }: Props) {
    const { say } = page;
    const since = record.proposed ? '' : moment(record.since, page);
    const facts: [Key, ReactNode][] = [
        ['record.account', <Account key="account" page={page} record={record} />],
        ['record.confidence', confidence(record, page)],
        ['record.why', record.why.length > 0 && <Reasons key="why" why={record.why} />],
        [record.proposed ? 'record.proposed' : 'record.owner', record.owner?.name ?? say('record.nobody')],
        [record.state === 'waiting' ? 'record.waiting_since' : 'record.since', since],
        ['record.rule', record.rule || say('record.no_rule')],
        ['record.reason', record.state === 'waiting' ? '' : record.reason],
        ['record.decided_at', moment(record.decided_at, page)],
        ['record.response', <Response key="response" page={page} response={record.response} />]
    ];
    return (
        <DescriptionList direction="column">
            {facts
                .filter(([, value]) => Boolean(value))
                .map(([key, value]) => (
                    <DescriptionListItem key={key} label={say(key)}>
                        {value}
                    </DescriptionListItem>
                ))}
        </DescriptionList>
    );
}

function Account({ page, record: { account } }: Props) {
    if (!account) {
        return <Text>{page.say('record.no_account')}</Text>;
    }
    return account.url.startsWith('https://') ? (
        <Link href={account.url}>{account.name}</Link>
    ) : (
        <Text>{account.name}</Text>
    );
}

function Reasons({ why }: { why: string[] }) {
    return (
        <List variant="unordered-styled">
            {why.map((sentence) => (
                <Text key={sentence}>{sentence}</Text>
            ))}
        </List>
    );
}

function confidence({ account, confidence: share, confidence_words: words }: RecordAnswer, page: Page): string {
    return account && share !== null ? page.say('record.confidence.value', percent(share, page), words) : '';
}

function Response({ page, response }: { page: Page; response: RecordAnswer['response'] }) {
    const { status, minutes, due_at } = response ?? { status: 'none' as const, minutes: null, due_at: null };
    const { variant, key } = TAGS[status];
    const due = status === 'waiting' ? moment(due_at, page) : '';
    return (
        <Flex direction="column" gap="extra-small">
            <StatusTag variant={variant}>{page.say(key)}</StatusTag>
            {minutes !== null && <Text>{page.say('response.after', duration(minutes, page))}</Text>}
            {due && <Text>{page.say('response.due', due)}</Text>}
        </Flex>
    );
}
