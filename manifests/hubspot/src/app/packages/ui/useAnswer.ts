/**
 * An answer of the connector as it comes in, and again when asked for.
 */
import { useCallback, useEffect, useState } from 'react';
import { problemOf, type Problem } from './connector';

export type Answer<Value> =
    { state: 'loading' } | { state: 'failed'; problem: Problem } | { state: 'ready'; value: Value };

export interface Asked<Value> {
    answer: Answer<Value>;
    /** Ask again and say so. */
    retry: () => void;
    /** Ask again and show what is there until the new answer has come. */
    refresh: () => void;
}

interface Came<Value> {
    load: () => Promise<Value>;
    round: number;
    answer: Answer<Value>;
}

/**
 * Returns the answer of `load`, which must stay the same function as long as it asks the same. An answer to what is
 * asked no longer is dropped.
 */
export function useAnswer<Value>(load: () => Promise<Value>): Asked<Value> {
    const [round, setRound] = useState(0);
    const [visible, setVisible] = useState(true);
    const [came, setCame] = useState<Came<Value> | null>(null);

    useEffect(() => {
        let wanted = true;
        const take = (answer: Answer<Value>) => {
            if (wanted) {
                setCame({ load, round, answer });
                setVisible(true);
            }
        };
        load().then(
            (value) => {
                take({ state: 'ready', value });
            },
            (error: unknown) => {
                take({ state: 'failed', problem: problemOf(error) });
            }
        );
        return () => {
            wanted = false;
        };
    }, [load, round]);

    const again = useCallback((show: boolean) => {
        setVisible(show);
        setRound((before) => before + 1);
    }, []);
    const retry = useCallback(() => {
        again(false);
    }, [again]);
    const refresh = useCallback(() => {
        again(true);
    }, [again]);
    const answer: Answer<Value> = came?.load === load && visible ? came.answer : { state: 'loading' };
    return { answer, retry, refresh };
}
