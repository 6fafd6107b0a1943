/** Every rule of the platform's own plugins that applies to us, and ESLint's. */
const babel = require('@babel/eslint-parser');
const js = require('@eslint/js');
const lwc = require('@lwc/eslint-plugin-lwc');
const lightning = require('@salesforce/eslint-plugin-lightning');
const globals = require('globals');

/** Rules for browsers that Salesforce supports no more, for rendering on a server, and for a module not open to all. */
const NOT_OURS = /^(ssr-|no-async-await$|no-for-of$|no-rest-parameter$|newer-version-available$|prefer-i18n-service$)/;

/** The wires that we use: the platform's own, over Lightning Data Service. Apex is not among them. */
const WIRES = [
    { module: 'lightning/graphql', identifier: 'graphql' },
    { module: 'lightning/uiObjectInfoApi', identifier: 'getObjectInfo' },
    { module: 'lightning/uiRecordApi', identifier: 'getRecord' }
];

const everyRule = (name, plugin) =>
    Object.fromEntries(
        Object.keys(plugin.rules)
            .filter((rule) => !NOT_OURS.test(rule))
            .map((rule) => [`${name}/${rule}`, 'error'])
    );

module.exports = [
    { ignores: ['node_modules/', 'coverage/'] },
    {
        files: ['force-app/**/lwc/**/*.js', 'jest-mocks/lightning/*.js'],
        plugins: { '@lwc/lwc': lwc, '@salesforce/lightning': lightning },
        languageOptions: {
            parser: babel,
            parserOptions: {
                requireConfigFile: false,
                babelOptions: {
                    babelrc: false,
                    parserOpts: { plugins: [['decorators', { decoratorsBeforeExport: false }]] }
                }
            },
            globals: globals.browser
        },
        rules: {
            ...js.configs.recommended.rules,
            ...everyRule('@lwc/lwc', lwc),
            ...everyRule('@salesforce/lightning', lightning),
            '@lwc/lwc/no-unexpected-wire-adapter-usages': ['error', { adapters: WIRES }],
            '@lwc/lwc/no-unknown-wire-adapters': ['error', { adapters: WIRES }]
        }
    },
    {
        files: ['force-app/**/__tests__/**/*.js', 'jest-mocks/**/*.js'],
        languageOptions: { globals: { ...globals.jest, ...globals.node } },
        // Tests tell the stubs of wires what to answer.
        rules: { '@lwc/lwc/no-unexpected-wire-adapter-usages': 'off' }
    },
    {
        files: ['*.js', 'jest-mocks/labels.js', 'scripts/**/*.mjs'],
        languageOptions: { globals: globals.node },
        rules: js.configs.recommended.rules
    }
];
