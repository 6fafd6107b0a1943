import { defineConfig } from 'vitest/config';

export default defineConfig({
    test: {
        environment: 'node',
        include: ['tests/**/*.test.{ts,tsx}'],
        restoreMocks: true,
        // Loading everything anew for each file, in a process of its own, took half of the time.
        pool: 'threads',
        isolate: false,
        // A machine that runs other tests at the same time may be slow; nothing here waits that long by itself.
        testTimeout: 60_000,
        // The parser of HubSpot's command line is bundled with our stand-in for its HTTP client.
        server: { deps: { inline: [/project-parsing-lib/] } },
        coverage: {
            include: ['src/app/**/*.{ts,tsx}'],
            reporter: ['text'],
            thresholds: { statements: 100, functions: 100, lines: 100, branches: 95 }
        }
    }
});
