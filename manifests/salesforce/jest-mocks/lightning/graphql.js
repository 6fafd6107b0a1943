/** A stub of lightning/graphql: the query is its own text, and an answer can be refreshed. */
import { createTestWireAdapter } from '@salesforce/wire-service-jest-util';

export const refresh = jest.fn(() => Promise.resolve());

export class graphql extends createTestWireAdapter() {
    static emit(data) {
        super.emit({ data, errors: undefined, refresh });
    }

    static emitErrors(errors) {
        super.emit({ data: undefined, errors, refresh });
    }

    constructor(callback) {
        super(callback);
        graphql.emit(undefined);
    }
}

export const gql = (strings) => strings.join('');
