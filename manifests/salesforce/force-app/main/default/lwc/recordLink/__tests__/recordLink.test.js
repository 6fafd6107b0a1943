import { createElement } from 'lwc';
import { navigate } from 'lightning/navigation';
import RecordLink from 'c/recordLink';
import { clear, settle } from '../../../../../../jest-mocks/page';

const LEAD = '00Q000000000001AAA';

function show(props) {
    const link = createElement('c-record-link', { is: RecordLink });
    Object.assign(link, props);
    document.body.appendChild(link);
    return settle().then(() => link.shadowRoot);
}

/** Clicks, and returns whether the component kept the click from the browser (which this page has not). */
function click(root, held = {}) {
    let prevented;
    const note = (event) => {
        prevented = event.defaultPrevented;
        event.preventDefault();
    };
    document.body.addEventListener('click', note, { once: true });
    const event = new MouseEvent('click', { bubbles: true, cancelable: true, composed: true, ...held });
    root.querySelector('a').dispatchEvent(event);
    return prevented;
}

describe('c-record-link', () => {
    afterEach(clear);

    it('links to the record and opens it in place', async () => {
        const root = await show({ recordId: LEAD, label: 'Kim' });
        const anchor = root.querySelector('a');
        expect(anchor.textContent).toBe('Kim');
        expect(anchor.getAttribute('href')).toBe(`/lightning/r/${LEAD}/view`);
        expect(click(root)).toBe(true);
        expect(navigate).toHaveBeenCalledWith({
            type: 'standard__recordPage',
            attributes: { recordId: LEAD, actionName: 'view' }
        });
    });

    it.each(['ctrlKey', 'metaKey', 'shiftKey'])('leaves a click with %s to the browser', async (key) => {
        const root = await show({ recordId: LEAD, label: 'Kim' });
        expect(click(root, { [key]: true })).toBe(false);
        expect(navigate).not.toHaveBeenCalled();
    });

    it('follows the record when it becomes another one', async () => {
        const root = await show({ recordId: '00Q000000000002AAA', label: 'Kim' });
        root.host.recordId = LEAD;
        await settle();
        expect(root.querySelector('a').getAttribute('href')).toContain(LEAD);
    });

    it('is plain text without an id', async () => {
        const root = await show({ recordId: null, label: 'Kim' });
        expect(root.querySelector('a')).toBeNull();
        expect(root.textContent).toBe('Kim');
    });
});
