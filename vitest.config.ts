import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.js'

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
    // More than there are cores on the machine that runs it all: many wait for what others do.
    maxWorkers: 3,
    // Nothing lives in module state, so files can share what they import: of the API server's tests,
    // importing it anew took half of the time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // They end what hangs; how fast something is, is not theirs to judge, on a machine of any speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    coverage: { include: ['packages/*/src/**'], exclude: ['**/generated/**'] },
  },
})
