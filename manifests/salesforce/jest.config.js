/** Components run against stubs of the platform's own modules, with the English texts of the custom labels. */
const { jestConfig } = require('@salesforce/sfdx-lwc-jest/config');

module.exports = {
    ...jestConfig,
    moduleNameMapper: {
        '^lightning/(graphql|navigation|refresh)$': '<rootDir>/jest-mocks/lightning/$1'
    },
    setupFilesAfterEnv: [...jestConfig.setupFilesAfterEnv, '<rootDir>/jest-mocks/labels.js'],
    collectCoverageFrom: ['force-app/main/default/lwc/**/*.js', '!**/__tests__/**'],
    coverageDirectory: '<rootDir>/../../build/lwc-coverage',
    coverageReporters: ['text'],
    coverageThreshold: { global: { branches: 90, functions: 95, lines: 95, statements: 95 } }
};
