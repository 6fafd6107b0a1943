/**
 * Changes the rules of a portal without objects for them. All changes go live together, or none does; what somebody wrote
 * stays on the page until it is live or discarded.
 */
import { Alert, Button, ButtonRow, Flex, List, LoadingButton, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { problemOf, publishRules, readRules, told, type Page, type Problem, type RulesAnswer } from 'switchyard-ui';
import { added, isChanged, judged, opened, rebased, wishes } from './book';
import { RuleList } from './RuleList';
import { faultText } from './RulePanel';

interface Props {
    page: Page;
    rules: RulesAnswer;
    onPublished: () => void;
}

export function RuleEditor({ page, rules, onPublished }: Props) {
    const { say } = page;
    const [book, setBook] = useState(() => opened(rules));
    const [open, setOpen] = useState('');
    const [working, setWorking] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);

    const work = async (what: () => Promise<void>) => {
        setWorking(true);
        setProblem(null);
        try {
            await what();
        } catch (error) {
            const found = problemOf(error);
            setBook(judged(book, found.faults));
            setProblem(found);
        }
        setWorking(false);
    };
    const publish = async () => {
        setBook(opened(await publishRules(page, book.version, wishes(book))));
        setOpen('');
        onPublished();
    };
    const look = async (keep: boolean) => {
        const now = await readRules(page);
        setBook(keep ? rebased(book, now) : opened(now));
        setOpen('');
    };
    return (
        <Flex direction="column" gap="small">
            {book.entries.length === 0 && <Text>{say('settings.rules.first')}</Text>}
            <RuleList page={page} book={book} open={open} locked={working} onChange={setBook} onOpen={setOpen} />
            {book.removed.length > 0 && (
                <Text>{say('settings.rules.removed', book.removed.map(({ name }) => name).join(', '))}</Text>
            )}
            {problem && (
                <Refusal
                    page={page}
                    problem={problem}
                    onLook={() => {
                        void work(() => look(true));
                    }}
                />
            )}
            <ButtonRow>
                <LoadingButton
                    variant="primary"
                    loading={working}
                    disabled={!isChanged(book)}
                    onClick={() => {
                        void work(publish);
                    }}
                >
                    {say('settings.rules.publish')}
                </LoadingButton>
                <Button
                    variant="secondary"
                    disabled={working}
                    onClick={() => {
                        const more = added(book);
                        setBook(more);
                        setOpen(more.entries.at(-1)?.key ?? '');
                    }}
                >
                    {say('settings.rules.add')}
                </Button>
                {isChanged(book) && (
                    <Button
                        variant="secondary"
                        disabled={working}
                        onClick={() => {
                            void work(() => look(false));
                        }}
                    >
                        {say('settings.rules.discard')}
                    </Button>
                )}
            </ButtonRow>
        </Flex>
    );
}

/** Why nothing was published. After a conflict there are newer rules to look at; one's own texts stay. */
function Refusal({ page, problem, onLook }: { page: Page; problem: Problem; onLook: () => void }) {
    const { say } = page;
    const whole = problem.faults.filter(({ item }) => item === null);
    return (
        <Flex direction="column" gap="small">
            <Alert title={say('settings.rules.failed')} variant={problem.kind === 'refused' ? 'warning' : 'error'}>
                {told(problem, page)}
            </Alert>
            {whole.length > 0 && (
                <List>
                    {whole.map((fault) => (
                        <Text key={faultText(fault, page)}>{faultText(fault, page)}</Text>
                    ))}
                </List>
            )}
            {problem.kind === 'refused' && (
                <Flex direction="column" gap="small" align="start">
                    <Text>{say('settings.rules.conflict')}</Text>
                    <Button variant="secondary" onClick={onLook}>
                        {say('settings.rules.look')}
                    </Button>
                </Flex>
            )}
        </Flex>
    );
}
