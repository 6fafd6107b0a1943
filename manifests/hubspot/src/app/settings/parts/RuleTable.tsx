/**
 * The table of the rules, with a row for each as its children.
 */
import { Table, TableBody, TableHead, TableHeader, TableRow } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';
import type { Page } from 'switchyard-ui';

interface Props {
    page: Page;
    children: ReactNode;
}

export function RuleTable({ page: { say }, children }: Props) {
    return (
        <Table bordered density="condensed">
            <TableHead>
                <TableRow>
                    <TableHeader>{say('settings.rules.name')}</TableHeader>
                    <TableHeader>{say('settings.rules.kind')}</TableHeader>
                    <TableHeader>{say('settings.rules.state')}</TableHeader>
                    <TableHeader>{say('settings.rules.error')}</TableHeader>
                    <TableHeader>{say('settings.rules.text')}</TableHeader>
                </TableRow>
            </TableHead>
            <TableBody>{children}</TableBody>
        </Table>
    );
}
