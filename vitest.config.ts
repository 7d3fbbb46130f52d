import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (folder: string, within = '') =>
  fileURLToPath(new URL(`packages/${folder}/src/${within}index.ts`, import.meta.url))

export default defineConfig({
  resolve: {
    // The packages' sources, so that a test needs no build.
    alias: [
      { find: '@miniplane/store/grpc', replacement: source('store', 'client/grpc/') },
      { find: '@miniplane/store/server', replacement: source('store', 'server/') },
      { find: /^@miniplane\/([a-z0-9-]+)$/, replacement: source('$1') },
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
