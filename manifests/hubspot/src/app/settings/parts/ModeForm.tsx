/**
 * What Switchyard may do in this portal. Only administrators may change it; the connector knows who is one.
 */
import { Alert, Flex, LoadingButton, Select, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { problemOf, setMode, told, type Key, type Mode, type Page, type Problem } from 'switchyard-ui';

const MODES: Record<Mode, { name: Key; hint: Key }> = {
    observe: { name: 'settings.mode.observe', hint: 'settings.mode.observe.hint' },
    suggest: { name: 'settings.mode.suggest', hint: 'settings.mode.suggest.hint' },
    act: { name: 'settings.mode.act', hint: 'settings.mode.act.hint' }
};

interface Props {
    page: Page;
    mode: Mode;
    mayChange: boolean;
    onSaved: () => void;
}

export function ModeForm({ page, mode, mayChange, onSaved }: Props) {
    const { say } = page;
    const [chosen, setChosen] = useState(mode);
    const [saving, setSaving] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const save = async () => {
        setSaving(true);
        setProblem(null);
        try {
            await setMode(page, chosen);
            onSaved();
        } catch (error) {
            setProblem(problemOf(error));
        }
        setSaving(false);
    };
    return (
        <Flex direction="column" gap="small" align="start">
            <Select
                name="mode"
                label={say('settings.mode')}
                value={chosen}
                readOnly={!mayChange}
                options={Object.entries(MODES).map(([value, { name }]) => ({ value, label: say(name) }))}
                onChange={(value) => {
                    setChosen(value as Mode);
                }}
            />
            <Text>{say(MODES[chosen].hint)}</Text>
            {!mayChange && <Text variant="microcopy">{say('settings.mode.locked')}</Text>}
            {problem && (
                <Alert title={say('settings.mode.failed')} variant="error">
                    {told(problem, page)}
                </Alert>
            )}
            <LoadingButton
                variant="primary"
                loading={saving}
                disabled={!mayChange || chosen === mode}
                onClick={() => {
                    void save();
                }}
            >
                {say('settings.mode.save')}
            </LoadingButton>
        </Flex>
    );
}
