/**
 * Whether Switchyard works in this portal, what it may do, and what is to be put right.
 */
import {
    Alert,
    Divider,
    Flex,
    Heading,
    Link,
    Text,
    type SettingsActions,
    type SettingsContext
} from '@hubspot/ui-extensions';
import { useCallback } from 'react';
import { Failed, Loading, readSettings, useAnswer, usePage, type Key, type SettingsAnswer } from 'switchyard-ui';
import { Checks } from './Checks';
import { ModeForm } from './ModeForm';
import { RoutesForm } from './RoutesForm';
import { Rules } from './Rules';

type State = SettingsAnswer['state'];
type Storage = SettingsAnswer['crm_storage'];

const STATES: Record<State, { variant: 'success' | 'warning' | 'error'; title: Key; hint: Key }> = {
    live: { variant: 'success', title: 'settings.live', hint: 'settings.live.hint' },
    paused: { variant: 'warning', title: 'settings.paused', hint: 'settings.paused.hint' },
    revoked: { variant: 'error', title: 'settings.revoked', hint: 'settings.revoked.hint' }
};
const STORAGES: Record<Storage, Key> = {
    app_objects: 'settings.storage.app_objects',
    custom_objects: 'settings.storage.custom_objects',
    properties: 'settings.storage.properties'
};

interface Props {
    context: SettingsContext;
    actions: Pick<SettingsActions, 'addAlert'>;
}

export function Settings({ context, actions }: Props) {
    const page = usePage(context);
    const { say } = page;
    const load = useCallback(() => readSettings(page), [page]);
    const { answer, retry, refresh } = useAnswer(load);
    if (answer.state === 'loading') {
        return <Loading page={page} />;
    }
    if (answer.state === 'failed') {
        return <Failed page={page} problem={answer.problem} onRetry={retry} />;
    }
    const { state, reason, mode, may_change, routes, has_leads, crm_storage, crm_storage_why, console_url, checks } =
        answer.value;
    const saved = (message: Key) => {
        actions.addAlert({ type: 'success', message: say(message) });
        refresh();
    };
    const { variant, title, hint } = STATES[state];
    return (
        <Flex direction="column" gap="medium">
            <Alert title={say(title)} variant={variant}>
                {[say(hint), reason].join(' ').trim()}
            </Alert>
            {console_url.startsWith('https://') && (
                <Link href={{ url: console_url, external: true }}>{say('settings.console')}</Link>
            )}
            {state !== 'revoked' && (
                <ModeForm
                    key={`mode ${mode}`}
                    page={page}
                    mode={mode}
                    mayChange={may_change}
                    onSaved={() => {
                        saved('settings.mode.saved');
                    }}
                />
            )}
            {state !== 'revoked' && has_leads && (
                <RoutesForm
                    key={`routes ${routes}`}
                    page={page}
                    routes={routes}
                    mayChange={may_change}
                    onSaved={() => {
                        saved('settings.routes.saved');
                    }}
                />
            )}
            {state !== 'revoked' && console_url.startsWith('https://') && (
                <Flex direction="column" gap="extra-small">
                    <Heading>{say('settings.telling')}</Heading>
                    <Text>{say('settings.telling.hint')}</Text>
                    <Link href={{ url: `${console_url}/settings`, external: true }}>
                        {say('settings.telling.open')}
                    </Link>
                </Flex>
            )}
            <Divider />
            <Heading>{say('settings.rules')}</Heading>
            <Text>{[say(STORAGES[crm_storage]), crm_storage_why].join(' ').trim()}</Text>
            {state !== 'revoked' && (
                <Rules
                    page={page}
                    onPublished={() => {
                        actions.addAlert({ type: 'success', message: say('settings.rules.published') });
                    }}
                />
            )}
            <Divider />
            <Heading>{say('settings.checks')}</Heading>
            <Checks page={page} checks={checks} />
        </Flex>
    );
}
