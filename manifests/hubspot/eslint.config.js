/** HubSpot's own rules for extensions, the recommended ones of TypeScript (by types) and of React's hooks. */
import { config as uiExtensions } from '@hubspot/eslint-config-ui-extensions';
import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig([
    { ignores: ['node_modules/', 'coverage/'] },
    js.configs.recommended,
    {
        files: ['**/*.{ts,tsx}'],
        extends: [tseslint.configs.strictTypeChecked],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: { '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }] }
    },
    // The functions of a renderer stand on their own.
    { files: ['tests/**/*.{ts,tsx}'], rules: { '@typescript-eslint/unbound-method': 'off' } },
    { files: ['src/**/*.{ts,tsx}'], extends: [uiExtensions, reactHooks.configs.flat['recommended-latest']] }
]);
