/** Gives components the English texts of the custom labels; a label that is missing there shows up as its name. */
const fs = require('fs');
const path = require('path');

const FILE = path.join(__dirname, '../force-app/main/default/labels/CustomLabels.labels-meta.xml');
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&apos;': "'", '&quot;': '"' };

for (const [, label] of fs.readFileSync(FILE, 'utf8').matchAll(/<labels>(.*?)<\/labels>/gs)) {
    const part = (name) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(label)[1];
    const text = part('value').replace(/&\w+;/g, (entity) => ENTITIES[entity]);
    jest.doMock(`@salesforce/label/c.${part('fullName')}`, () => ({ default: text }), { virtual: true });
}
