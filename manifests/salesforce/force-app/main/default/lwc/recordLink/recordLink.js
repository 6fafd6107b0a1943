/**
 * A link to a record's page; plain text where there is no id.
 */
import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';

export default class RecordLink extends NavigationMixin(LightningElement) {
    /** What the link says. */
    @api label;
    url;
    target;

    /** The id of the record; empty for plain text. */
    @api
    get recordId() {
        return this.target;
    }
    set recordId(id) {
        this.target = id;
        this.url = undefined;
        if (id) {
            this[NavigationMixin.GenerateUrl](this.page).then((url) => {
                this.url = id === this.target ? url : this.url;
            });
        }
    }

    get page() {
        return { type: 'standard__recordPage', attributes: { recordId: this.target, actionName: 'view' } };
    }

    open(event) {
        // A click with a key held (a new tab, a new window) is the browser's.
        if (event.ctrlKey || event.metaKey || event.shiftKey) {
            return;
        }
        event.preventDefault();
        this[NavigationMixin.Navigate](this.page);
    }
}
