/** HubSpot's own rules for extensions, those of React's hooks, and those of TypeScript: by types in what is uploaded. */
import { config as uiExtensions } from '@hubspot/eslint-config-ui-extensions';
import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig([
    { ignores: ['node_modules/', 'coverage/'] },
    js.configs.recommended,
    { files: ['tests/**/*.{ts,tsx}', 'vitest.config.ts'], extends: [tseslint.configs.strict] },
    {
        files: ['src/**/*.{ts,tsx}'],
        extends: [tseslint.configs.strictTypeChecked, uiExtensions],
        plugins: { 'react-hooks': reactHooks },
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            'react-hooks/rules-of-hooks': 'error',
            'react-hooks/exhaustive-deps': 'error',
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
        }
    }
]);
