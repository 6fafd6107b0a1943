/** A stub of lightning/refresh. */
export class RefreshEvent extends CustomEvent {
    constructor() {
        super('refresh', { bubbles: true, composed: true });
    }
}
export const registerRefreshHandler = jest.fn(() => 'handler');
export const unregisterRefreshHandler = jest.fn();
