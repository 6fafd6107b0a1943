/**
 * The list of rules in their order, and the one that is being edited below it.
 */
import { Button, Flex, StatusTag, TableCell, TableRow } from '@hubspot/ui-extensions';
import type { Page } from 'switchyard-ui';
import { isEdited, type Book, type Entry } from './book';
import { faultText, RulePanel } from './RulePanel';
import { RuleTable } from './RuleTable';

interface Props {
    page: Page;
    book: Book;
    /** The key of the entry that is open; empty for none. */
    open: string;
    locked: boolean;
    onChange: (book: Book) => void;
    onOpen: (key: string) => void;
}

export function RuleList({ page, book, open, locked, onChange, onOpen }: Props) {
    const entry = book.entries.find(({ key }) => key === open);
    return (
        <Flex direction="column" gap="small">
            {book.entries.length > 0 && (
                <RuleTable page={page}>
                    {book.entries.map((each) => (
                        <Line key={each.key} page={page} entry={each} locked={locked} onOpen={onOpen} />
                    ))}
                </RuleTable>
            )}
            {entry && (
                <RulePanel
                    page={page}
                    book={book}
                    entry={entry}
                    locked={locked}
                    onChange={onChange}
                    onClose={() => {
                        onOpen('');
                    }}
                />
            )}
        </Flex>
    );
}

interface LineProps {
    page: Page;
    entry: Entry;
    locked: boolean;
    onOpen: (key: string) => void;
}

function Line({ page, entry, locked, onOpen }: LineProps) {
    const { say } = page;
    const edited = isEdited(entry);
    const wrong = entry.faults.map((fault) => faultText(fault, page)).join(' ') || (edited ? '' : entry.error);
    return (
        <TableRow>
            <TableCell>{entry.name || say('settings.rules.new')}</TableCell>
            <TableCell>{entry.kind}</TableCell>
            <TableCell>
                <StatusTag variant={wrong || entry.theirs !== null ? 'danger' : edited ? 'warning' : 'success'}>
                    {say(edited ? 'settings.rules.changed' : 'settings.rules.live')}
                </StatusTag>
            </TableCell>
            <TableCell>{wrong}</TableCell>
            <TableCell>
                <Button
                    size="xs"
                    variant="secondary"
                    disabled={locked}
                    onClick={() => {
                        onOpen(entry.key);
                    }}
                >
                    {say('settings.rules.edit')}
                </Button>
            </TableCell>
        </TableRow>
    );
}
