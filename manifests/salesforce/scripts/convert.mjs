// Converts the package to metadata format with Salesforce's own library, as `sf project convert source` does.
// Usage: node scripts/convert.mjs <folder to write to>; prints the converted components as JSON, sorted.
import { ComponentSet, MetadataConverter } from '@salesforce/source-deploy-retrieve';

const [output] = process.argv.slice(2);
if (!output) {
    console.error('Usage: node scripts/convert.mjs <folder to write to>');
    process.exit(2);
}
const components = ComponentSet.fromSource('force-app');
components.sourceApiVersion = '66.0';
const { converted } = await new MetadataConverter().convert(components, 'metadata', {
    type: 'directory',
    outputDirectory: output,
    genUniqueDir: false
});
const names = (converted ?? []).map((component) => `${component.type.name}:${component.fullName}`);
console.log(JSON.stringify([...new Set(names)].sort(), null, 1));
