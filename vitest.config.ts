import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (folder: string) =>
  fileURLToPath(new URL(`packages/${folder}/src/index.ts`, import.meta.url))

export default defineConfig({
  resolve: {
    // The packages' sources, so that a test needs no build.
    alias: [
      {
        find: '@miniplane/store/grpc',
        replacement: fileURLToPath(
          new URL('packages/store/src/client/grpc/index.ts', import.meta.url),
        ),
      },
      {
        find: '@miniplane/store/server',
        replacement: fileURLToPath(new URL('packages/store/src/server/index.ts', import.meta.url)),
      },
      { find: /^@miniplane\/([a-z-]+)$/, replacement: source('$1') },
      { find: /^miniplane$/, replacement: source('miniplane') },
    ],
  },
  test: {
    include: ['{packages,test,examples}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/generate.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    coverage: { include: ['packages/*/src/**'], exclude: ['**/generated/**'] },
  },
})
