/**
 * What counts as a lead, in a portal that has leads. A change reads every record anew, so it is asked twice.
 */
import { Alert, Button, ButtonRow, Flex, LoadingButton, Select, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { problemOf, setRoutes, told, type Key, type Page, type Problem, type Routes } from 'switchyard-ui';

const ROUTES: Record<Routes, { name: Key; hint: Key }> = {
    contacts: { name: 'settings.routes.contacts', hint: 'settings.routes.contacts.hint' },
    leads: { name: 'settings.routes.leads', hint: 'settings.routes.leads.hint' },
    'leads and contacts': { name: 'settings.routes.both', hint: 'settings.routes.both.hint' }
};

interface Props {
    page: Page;
    routes: Routes;
    mayChange: boolean;
    onSaved: () => void;
}

export function RoutesForm({ page, routes, mayChange, onSaved }: Props) {
    const { say } = page;
    const [chosen, setChosen] = useState(routes);
    const [asking, setAsking] = useState(false);
    const [saving, setSaving] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const save = async () => {
        setSaving(true);
        setProblem(null);
        try {
            await setRoutes(page, chosen, routes);
            onSaved();
        } catch (error) {
            setProblem(problemOf(error));
        }
        setAsking(false);
        setSaving(false);
    };
    return (
        <Flex direction="column" gap="small" align="start">
            <Select
                name="routes"
                label={say('settings.routes')}
                value={chosen}
                readOnly={!mayChange || saving}
                options={Object.entries(ROUTES).map(([value, { name }]) => ({ value, label: say(name) }))}
                onChange={(value) => {
                    setChosen(value as Routes);
                    setAsking(false);
                }}
            />
            <Text>{say(ROUTES[chosen].hint)}</Text>
            {problem && (
                <Alert title={say('settings.routes.failed')} variant="error">
                    {told(problem, page)}
                </Alert>
            )}
            {asking ? (
                <Flex direction="column" gap="small">
                    <Alert title={say('settings.routes.sure')} variant="warning">
                        {say('settings.routes.sure.hint')}
                    </Alert>
                    <ButtonRow>
                        <LoadingButton
                            variant="primary"
                            loading={saving}
                            onClick={() => {
                                void save();
                            }}
                        >
                            {say('settings.routes.confirm')}
                        </LoadingButton>
                        <Button
                            variant="secondary"
                            disabled={saving}
                            onClick={() => {
                                setAsking(false);
                            }}
                        >
                            {say('correction.cancel')}
                        </Button>
                    </ButtonRow>
                </Flex>
            ) : (
                <Button
                    variant="secondary"
                    disabled={!mayChange || chosen === routes}
                    onClick={() => {
                        setAsking(true);
                    }}
                >
                    {say('settings.routes.save')}
                </Button>
            )}
        </Flex>
    );
}
