import { createElement } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import RecordLink from 'c/recordLink';
import { clear, settle } from '../../../../../../jest-mocks/page';

const LEAD = '00Q000000000001AAA';
let navigated;

function show(props) {
    const link = createElement('c-record-link', { is: RecordLink });
    Object.assign(link, props);
    document.body.appendChild(link);
    return settle().then(() => link.shadowRoot);
}

describe('c-record-link', () => {
    beforeEach(() => {
        navigated = jest.spyOn(RecordLink.prototype, NavigationMixin.Navigate).mockImplementation(() => {});
    });

    afterEach(() => {
        clear();
        jest.restoreAllMocks();
    });

    it('links to the record and opens it in place', async () => {
        const root = await show({ recordId: LEAD, label: 'Kim' });
        const anchor = root.querySelector('a');
        expect(anchor.textContent).toBe('Kim');
        const click = new MouseEvent('click', { cancelable: true });
        anchor.dispatchEvent(click);
        expect(click.defaultPrevented).toBe(true);
        expect(navigated).toHaveBeenCalledWith({
            type: 'standard__recordPage',
            attributes: { recordId: LEAD, actionName: 'view' }
        });
    });

    it.each(['ctrlKey', 'metaKey', 'shiftKey'])('leaves a click with %s to the browser', async (key) => {
        const root = await show({ recordId: LEAD, label: 'Kim' });
        const click = new MouseEvent('click', { cancelable: true, [key]: true });
        root.querySelector('a').dispatchEvent(click);
        expect(click.defaultPrevented).toBe(false);
        expect(navigated).not.toHaveBeenCalled();
    });

    it('is plain text without an id', async () => {
        const root = await show({ recordId: null, label: 'Kim' });
        expect(root.querySelector('a')).toBeNull();
        expect(root.textContent).toBe('Kim');
    });
});
