/**
 * The rules, and what is wrong with them.
 */
import { StatusTag, Table, TableBody, TableCell, TableHead, TableHeader, TableRow, Text } from '@hubspot/ui-extensions';
import type { Page, RuleLine } from 'switchyard-ui';

export function Rules({ page, rules }: { page: Page; rules: RuleLine[] }) {
    const { say } = page;
    if (rules.length === 0) {
        return <Text>{say('settings.rules.none')}</Text>;
    }
    return (
        <Table bordered density="condensed">
            <TableHead>
                <TableRow>
                    <TableHeader>{say('settings.rules.name')}</TableHeader>
                    <TableHeader>{say('settings.rules.kind')}</TableHeader>
                    <TableHeader>{say('settings.rules.state')}</TableHeader>
                    <TableHeader>{say('settings.rules.error')}</TableHeader>
                </TableRow>
            </TableHead>
            <TableBody>
                {rules.map((rule) => (
                    <Line key={`${rule.kind} ${rule.name}`} page={page} rule={rule} />
                ))}
            </TableBody>
        </Table>
    );
}

function Line({ page, rule: { name, kind, state, error } }: { page: Page; rule: RuleLine }) {
    const draft = state === 'draft';
    return (
        <TableRow>
            <TableCell>{name}</TableCell>
            <TableCell>{kind}</TableCell>
            <TableCell>
                <StatusTag variant={draft ? 'default' : error ? 'danger' : 'success'}>
                    {page.say(draft ? 'settings.rules.draft' : 'settings.rules.live')}
                </StatusTag>
            </TableCell>
            <TableCell>{error}</TableCell>
        </TableRow>
    );
}
