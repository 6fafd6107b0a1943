import { defineConfig } from 'vitest/config';

export default defineConfig({
    test: {
        environment: 'node',
        include: ['tests/**/*.test.{ts,tsx}'],
        restoreMocks: true,
        // The parser of HubSpot's command line is bundled with our stand-in for its HTTP client.
        server: { deps: { inline: [/project-parsing-lib/] } },
        coverage: {
            include: ['src/app/**/*.{ts,tsx}'],
            reporter: ['text'],
            thresholds: { statements: 100, functions: 100, lines: 100, branches: 95 }
        }
    }
});
