/**
 * Which leads were matched with a company lately, and who got them.
 */
import {
    EmptyState,
    Flex,
    Table,
    TableBody,
    TableCell,
    TableHead,
    TableHeader,
    TableRow,
    Text,
    type CrmContext
} from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import { useCallback } from 'react';
import {
    Failed,
    Loading,
    moment,
    percent,
    readCompany,
    useAnswer,
    usePage,
    type CompanyLead,
    type Page
} from 'switchyard-ui';

export function CompanyCard({ context }: { context: CrmContext }) {
    const page = usePage(context);
    const { say } = page;
    const objectId = String(context.crm.objectId);
    const load = useCallback(() => readCompany(page, objectId), [page, objectId]);
    const { answer, retry } = useAnswer(load);
    if (answer.state === 'loading') {
        return <Loading page={page} />;
    }
    if (answer.state === 'failed') {
        return <Failed page={page} problem={answer.problem} onRetry={retry} />;
    }
    const { leads, total, proposed } = answer.value;
    if (leads.length === 0) {
        return (
            <EmptyState title={say('company.empty')} layout="vertical" imageName="companies">
                <Text>{say('company.empty.hint')}</Text>
            </EmptyState>
        );
    }
    return (
        <Flex direction="column" gap="small">
            <Table bordered density="condensed">
                <TableHead>
                    <TableRow>
                        <TableHeader>{say('company.lead')}</TableHeader>
                        <TableHeader>{say(proposed ? 'record.proposed' : 'record.owner')}</TableHeader>
                        <TableHeader>{say('record.confidence')}</TableHeader>
                        <TableHeader>{say('record.decided_at')}</TableHeader>
                    </TableRow>
                </TableHead>
                <TableBody>
                    {leads.map((lead) => (
                        <Line key={lead.id} page={page} lead={lead} />
                    ))}
                </TableBody>
            </Table>
            {total > leads.length && <Text variant="microcopy">{say('company.more', leads.length, total)}</Text>}
        </Flex>
    );
}

function Line({ page, lead }: { page: Page; lead: CompanyLead }) {
    const { name, owner, confidence, decided_at, duplicate_of } = lead;
    return (
        <TableRow>
            <TableCell>
                <Preview record={lead}>{name}</Preview>
                {duplicate_of && (
                    <Text variant="microcopy">
                        <Preview record={duplicate_of}>{page.say('company.duplicate')}</Preview>
                    </Text>
                )}
            </TableCell>
            <TableCell>{owner || page.say('record.nobody')}</TableCell>
            <TableCell>{confidence === null ? '' : percent(confidence, page)}</TableCell>
            <TableCell>{moment(decided_at, page)}</TableCell>
        </TableRow>
    );
}

/** Opens the record beside the company, in whichever data centre the portal is. Contacts and leads have ids of their own. */
function Preview({ record: { id, type }, children }: { record: { id: string; type: string }; children: string }) {
    return (
        <CrmActionLink actionType="PREVIEW_OBJECT" actionContext={{ objectTypeId: type, objectId: Number(id) }}>
            {children}
        </CrmActionLink>
    );
}
