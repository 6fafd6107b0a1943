/** A stub of lightning/navigation: where a component goes is told to `navigate`. */
export const navigate = jest.fn();

export const NavigationMixin = (Base) =>
    class extends Base {
        [NavigationMixin.Navigate](page) {
            navigate(page);
        }

        [NavigationMixin.GenerateUrl](page) {
            return Promise.resolve(`/lightning/r/${page.attributes.recordId}/view`);
        }
    };
NavigationMixin.Navigate = Symbol('Navigate');
NavigationMixin.GenerateUrl = Symbol('GenerateUrl');
