/**
 * Says that a decision was wrong: first which of three things, then whether that is meant. There is one primary button
 * at most, as HubSpot's listing requirements ask of cards.
 */
import { Alert, Button, ButtonRow, Flex, LoadingButton, Text, TextArea } from '@hubspot/ui-extensions';
import { useState } from 'react';
import {
    moment,
    problemOf,
    requestCorrection,
    told,
    type Correction,
    type Key,
    type Page,
    type Problem,
    type RecordAnswer
} from 'switchyard-ui';

/** As many characters as the connector takes. */
const NOTE_LENGTH = 1000;
const NAMES: Record<Correction, Key> = {
    wrong_match: 'correction.wrong_match',
    wrong_owner: 'correction.wrong_owner',
    undo: 'correction.undo'
};
const QUESTIONS: Record<Correction, Key> = {
    wrong_match: 'correction.wrong_match.sure',
    wrong_owner: 'correction.wrong_owner.sure',
    undo: 'correction.undo.sure'
};

interface Props {
    page: Page;
    record: Pick<RecordAnswer, 'can' | 'decision' | 'pending' | 'refused'> & { objectTypeId: string; objectId: string };
    onSent: () => void;
}

export function Corrections({ page, record, onSent }: Props) {
    const { say } = page;
    const [chosen, setChosen] = useState<Correction | null>(null);
    if (record.pending) {
        const { request, since } = record.pending;
        return (
            <Alert title={say('correction.pending', say(NAMES[request]))} variant="info">
                {say('correction.pending.since', moment(since, page))}
            </Alert>
        );
    }
    if (chosen) {
        return (
            <Question
                page={page}
                record={record}
                correction={chosen}
                onSent={() => {
                    setChosen(null);
                    onSent();
                }}
                onCancel={() => {
                    setChosen(null);
                }}
            />
        );
    }
    const { refused } = record;
    return (
        <Flex direction="column" gap="small">
            {refused && (
                <Alert title={say('correction.refused', say(NAMES[refused.request]))} variant="warning">
                    {refused.why}
                </Alert>
            )}
            <Offers page={page} corrections={record.can} onChoose={setChosen} />
        </Flex>
    );
}

interface OffersProps {
    page: Page;
    corrections: Correction[];
    onChoose: (correction: Correction) => void;
}

function Offers({ page, corrections, onChoose }: OffersProps) {
    // A newer connector may offer what this version of the card cannot ask for.
    const known = corrections.filter((correction) => correction in NAMES);
    return known.length === 0 ? null : (
        <ButtonRow>
            {known.map((correction) => (
                <Button
                    key={correction}
                    variant="secondary"
                    size="small"
                    onClick={() => {
                        onChoose(correction);
                    }}
                >
                    {page.say(NAMES[correction])}
                </Button>
            ))}
        </ButtonRow>
    );
}

function Question({
    page,
    record,
    correction,
    onSent,
    onCancel
}: Props & { correction: Correction; onCancel: () => void }) {
    const { say } = page;
    const [note, setNote] = useState('');
    const [sending, setSending] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const send = async () => {
        setSending(true);
        setProblem(null);
        try {
            const { objectTypeId, objectId, decision } = record;
            await requestCorrection(page, { objectTypeId, objectId, decision }, correction, note.slice(0, NOTE_LENGTH));
            onSent();
        } catch (error) {
            setProblem(problemOf(error));
            setSending(false);
        }
    };
    return (
        <Flex direction="column" gap="small">
            <Text format={{ fontWeight: 'bold' }}>{say(NAMES[correction])}</Text>
            <Text>{say(QUESTIONS[correction])}</Text>
            <TextArea
                name="note"
                label={say('correction.note')}
                value={note}
                maxLength={NOTE_LENGTH}
                onInput={setNote}
            />
            {problem && (
                <Alert title={say('correction.failed')} variant="error">
                    {told(problem, page)}
                </Alert>
            )}
            <ButtonRow>
                <LoadingButton
                    variant="primary"
                    loading={sending}
                    onClick={() => {
                        void send();
                    }}
                >
                    {say('correction.confirm')}
                </LoadingButton>
                <Button variant="secondary" disabled={sending} onClick={onCancel}>
                    {say('correction.cancel')}
                </Button>
            </ButtonRow>
        </Flex>
    );
}
