/**
 * The rules, and what is wrong with them. They are edited here where they stand in Switchyard; elsewhere they are records.
 */
import { Alert, Button, Flex, Link, StatusTag, TableCell, TableRow, Text, TextArea } from '@hubspot/ui-extensions';
import { useCallback, useState } from 'react';
import { Failed, Loading, readRules, useAnswer, type Page, type RuleItem } from 'switchyard-ui';
import { RuleEditor } from './RuleEditor';
import { RuleTable } from './RuleTable';

interface Props {
    page: Page;
    onPublished: () => void;
}

export function Rules({ page, onPublished }: Props) {
    const { say } = page;
    const load = useCallback(() => readRules(page), [page]);
    const { answer, retry } = useAnswer(load);
    if (answer.state === 'loading') {
        return <Loading page={page} />;
    }
    if (answer.state === 'failed') {
        return <Failed page={page} problem={answer.problem} onRetry={retry} />;
    }
    const rules = answer.value;
    return (
        <Flex direction="column" gap="small">
            {rules.error && (
                <Alert title={say('settings.rules.broken')} variant="error">
                    {rules.error}
                </Alert>
            )}
            {rules.records_url.startsWith('https://') && (
                <Link href={{ url: rules.records_url, external: true }}>{say('settings.rules.records')}</Link>
            )}
            {!rules.may_change && <Text variant="microcopy">{say('settings.mode.locked')}</Text>}
            {rules.editable ? (
                <RuleEditor page={page} rules={rules} onPublished={onPublished} />
            ) : (
                <Shown page={page} items={rules.items} />
            )}
        </Flex>
    );
}

function Shown({ page, items }: { page: Page; items: RuleItem[] }) {
    const { say } = page;
    const [open, setOpen] = useState('');
    const looked = items.find(({ id }) => id === open);
    if (items.length === 0) {
        return <Text>{say('settings.rules.none')}</Text>;
    }
    return (
        <Flex direction="column" gap="small">
            <RuleTable page={page}>
                {items.map((item) => (
                    <Line
                        key={item.id}
                        page={page}
                        item={item}
                        onOpen={() => {
                            setOpen(item.id === open ? '' : item.id);
                        }}
                    />
                ))}
            </RuleTable>
            {looked && <TextArea name="rule" label={looked.name} value={looked.definition ?? ''} rows={14} readOnly />}
        </Flex>
    );
}

function Line({ page, item, onOpen }: { page: Page; item: RuleItem; onOpen: () => void }) {
    const { name, kind, state, error, url, definition } = item;
    const draft = state === 'draft';
    return (
        <TableRow>
            <TableCell>
                {url.startsWith('https://') ? <Link href={{ url, external: true }}>{name}</Link> : name}
            </TableCell>
            <TableCell>{kind}</TableCell>
            <TableCell>
                <StatusTag variant={draft ? 'default' : error ? 'danger' : 'success'}>
                    {page.say(draft ? 'settings.rules.draft' : 'settings.rules.live')}
                </StatusTag>
            </TableCell>
            <TableCell>{error}</TableCell>
            <TableCell>
                {definition === null ? (
                    page.say('settings.rules.long')
                ) : (
                    <Button size="xs" variant="secondary" onClick={onOpen}>
                        {page.say('settings.rules.show')}
                    </Button>
                )}
            </TableCell>
        </TableRow>
    );
}
