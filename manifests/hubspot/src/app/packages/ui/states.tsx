/**
 * What stands where an answer will be, or could not be had.
 */
import { Button, ErrorState, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import type { Problem, ProblemKind } from './connector';
import type { Page } from './page';
import type { Key } from './texts';

const TITLES: Record<ProblemKind, Key> = {
    unset: 'problem.unset',
    unreachable: 'problem.unreachable',
    denied: 'problem.denied',
    missing: 'problem.missing',
    refused: 'problem.refused',
    wrong: 'problem.wrong',
    busy: 'problem.busy',
    failed: 'problem.failed'
};
const HINTS: Record<ProblemKind, Key> = {
    unset: 'problem.unset.hint',
    unreachable: 'problem.unreachable.hint',
    denied: 'problem.denied.hint',
    missing: 'problem.missing.hint',
    refused: 'problem.refused.hint',
    wrong: 'problem.wrong.hint',
    busy: 'problem.busy.hint',
    failed: 'problem.failed.hint'
};
/** Asking again would bring the same answer. */
const FINAL = new Set<ProblemKind>(['unset', 'denied']);

/** Returns in words what went wrong: the connector's own sentence where it said one. */
export function told(problem: Problem, { say }: Page): string {
    return problem.detail || say(HINTS[problem.kind]);
}

export function Loading({ page }: { page: Page }) {
    return <LoadingSpinner label={page.say('loading')} showLabel layout="centered" />;
}

export function Failed({ page, problem, onRetry }: { page: Page; problem: Problem; onRetry: () => void }) {
    return (
        <ErrorState title={page.say(TITLES[problem.kind])} type={problem.kind === 'denied' ? 'lock' : 'error'}>
            <Text>{told(problem, page)}</Text>
            {!FINAL.has(problem.kind) && (
                <Button variant="secondary" onClick={onRetry}>
                    {page.say('retry')}
                </Button>
            )}
        </ErrorState>
    );
}
