/**
 * One item of the rules: its text, what is wrong with it, its place in the order.
 */
import { Alert, Button, ButtonRow, Flex, Text, TextArea } from '@hubspot/ui-extensions';
import type { Fault, Page } from 'switchyard-ui';
import { edited, moved, removed, yielded, type Book, type Entry } from './book';

/** As many characters as the connector takes for one item. */
const TEXT_LENGTH = 60_000;
const ROWS = 14;

/** Returns a fault as a sentence: where, what, and what to do. */
export function faultText({ line, message, remedy }: Fault, { say }: Page): string {
    return [say('settings.rules.fault', line, message), remedy].join(' ').trim();
}

interface Props {
    page: Page;
    book: Book;
    entry: Entry;
    locked: boolean;
    onChange: (book: Book) => void;
    onClose: () => void;
}

export function RulePanel({ page, book, entry, locked, onChange, onClose }: Props) {
    const { say } = page;
    const { key, text, theirs, faults } = entry;
    const place = book.entries.indexOf(entry);
    return (
        <Flex direction="column" gap="small">
            {faults.map((fault) => (
                <Alert
                    key={faultText(fault, page)}
                    title={say('settings.rules.fault', fault.line, fault.message)}
                    variant="error"
                >
                    {fault.remedy}
                </Alert>
            ))}
            {text === null ? (
                <Text>{say('settings.rules.long')}</Text>
            ) : (
                <TextArea
                    name={`rule ${key}`}
                    label={entry.name || say('settings.rules.new')}
                    value={text}
                    rows={ROWS}
                    maxLength={TEXT_LENGTH}
                    readOnly={locked}
                    error={faults.length > 0}
                    onInput={(value) => {
                        onChange(edited(book, key, value));
                    }}
                />
            )}
            {theirs !== null && (
                <Flex direction="column" gap="small" align="start">
                    <TextArea name="theirs" label={say('settings.rules.theirs')} value={theirs} rows={ROWS} readOnly />
                    <Button
                        variant="secondary"
                        size="small"
                        onClick={() => {
                            onChange(yielded(book, key));
                        }}
                    >
                        {say('settings.rules.yield')}
                    </Button>
                </Flex>
            )}
            <ButtonRow>
                <Button size="small" disabled={locked} onClick={onClose}>
                    {say('settings.rules.close')}
                </Button>
                <Button
                    size="small"
                    disabled={locked || place === 0}
                    onClick={() => {
                        onChange(moved(book, key, -1));
                    }}
                >
                    {say('settings.rules.up')}
                </Button>
                <Button
                    size="small"
                    disabled={locked || place === book.entries.length - 1}
                    onClick={() => {
                        onChange(moved(book, key, 1));
                    }}
                >
                    {say('settings.rules.down')}
                </Button>
                <Button
                    size="small"
                    variant="destructive"
                    disabled={locked}
                    onClick={() => {
                        onChange(removed(book, key));
                    }}
                >
                    {say('settings.rules.remove')}
                </Button>
            </ButtonRow>
        </Flex>
    );
}
