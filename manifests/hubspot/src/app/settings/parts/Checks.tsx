/**
 * What was looked at in the portal: whether it is as it should be, and else how to put it right.
 */
import { Flex, StatusTag, Text } from '@hubspot/ui-extensions';
import type { Check, Page } from 'switchyard-ui';

export function Checks({ page, checks }: { page: Page; checks: Check[] }) {
    if (checks.length === 0) {
        return <Text>{page.say('settings.checks.none')}</Text>;
    }
    return (
        <Flex direction="column" gap="small">
            {checks.map(({ name, ok, detail, remedy }) => (
                <Flex key={name} direction="column" gap="flush">
                    <StatusTag variant={ok ? 'success' : 'danger'}>{name}</StatusTag>
                    {detail && <Text>{detail}</Text>}
                    {!ok && remedy && <Text format={{ fontWeight: 'demibold' }}>{remedy}</Text>}
                </Flex>
            ))}
        </Flex>
    );
}
