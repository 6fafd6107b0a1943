/**
 * The other accounts that came into question.
 */
import { Accordion, DescriptionList, DescriptionListItem, Text } from '@hubspot/ui-extensions';
import { percent, type Page, type Rival } from 'switchyard-ui';

export function Rivals({ page, rivals }: { page: Page; rivals: Rival[] }) {
    return (
        <Accordion title={page.say('rivals', rivals.length)} size="small">
            {rivals.length === 0 ? (
                <Text>{page.say('rivals.none')}</Text>
            ) : (
                <DescriptionList direction="column">
                    {rivals.map(({ id, name, confidence, why }) => (
                        <DescriptionListItem key={id} label={page.say('rivals.one', name, percent(confidence, page))}>
                            <Text>{[why].flat().join(' ')}</Text>
                        </DescriptionListItem>
                    ))}
                </DescriptionList>
            )}
        </Accordion>
    );
}
