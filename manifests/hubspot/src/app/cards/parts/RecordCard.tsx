/**
 * What Switchyard decided about a contact or a lead, and a way to say that it was wrong.
 */
import { Alert, EmptyState, Flex, Link, Text, type CrmContext, type CrmHostActions } from '@hubspot/ui-extensions';
import { useCallback, useEffect } from 'react';
import { Failed, Loading, readRecord, useAnswer, usePage, type Page, type RecordAnswer } from 'switchyard-ui';
import { Corrections } from './Corrections';
import { Decision } from './Decision';
import { Rivals } from './Rivals';

/** Milliseconds between two looks at a record whose correction is on its way. */
export const PATIENCE = 10_000;

export type RecordActions = Pick<CrmHostActions, 'addAlert' | 'refreshObjectProperties'>;

interface Props {
    context: CrmContext;
    actions: RecordActions;
    /** Leaves out what does not fit into a sidebar. */
    brief?: boolean;
}

export function RecordCard({ context, actions, brief = false }: Props) {
    const page = usePage(context);
    const { objectTypeId } = context.crm;
    const objectId = String(context.crm.objectId);
    const load = useCallback(() => readRecord(page, objectTypeId, objectId), [page, objectTypeId, objectId]);
    const { answer, retry, refresh } = useAnswer(load);
    const record = answer.state === 'ready' ? answer.value : null;
    useEffect(() => {
        // A new answer is a new record, so this looks again until nothing is on its way any more.
        const timer = record?.pending ? setTimeout(refresh, PATIENCE) : undefined;
        return () => {
            clearTimeout(timer);
        };
    }, [record, refresh]);

    if (answer.state === 'loading') {
        return <Loading page={page} />;
    }
    if (answer.state === 'failed') {
        return <Failed page={page} problem={answer.problem} onRetry={retry} />;
    }
    const shown = answer.value;
    if (shown.state === 'unknown' || shown.state === 'excluded') {
        return <Nothing page={page} record={shown} />;
    }
    return (
        <Flex direction="column" gap="medium">
            {shown.state === 'waiting' && (
                <Alert title={page.say('record.waiting')} variant="info">
                    {shown.reason}
                </Alert>
            )}
            <Decision page={page} record={shown} />
            {!brief && <Rivals page={page} rivals={shown.runners_up} />}
            <Corrections
                key={shown.decision}
                page={page}
                record={{ ...shown, objectTypeId, objectId }}
                onSent={() => {
                    actions.addAlert({ type: 'success', message: page.say('correction.sent') });
                    actions.refreshObjectProperties();
                    refresh();
                }}
            />
            {shown.story_url.startsWith('https://') && (
                <Link href={{ url: shown.story_url, external: true }}>{page.say('record.story')}</Link>
            )}
        </Flex>
    );
}

function Nothing({ page, record }: { page: Page; record: RecordAnswer }) {
    const title = record.state === 'excluded' ? 'record.excluded' : 'record.unknown';
    return (
        <EmptyState title={page.say(title)} layout="vertical" imageName="leads">
            <Text>{record.reason || page.say('record.unknown.hint')}</Text>
        </EmptyState>
    );
}
