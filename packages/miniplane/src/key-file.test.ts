import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { keyFileIn } from './key-file.js'

const folder = mkdtempSync(join(tmpdir(), 'key-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('is for its user alone, and whole even if an earlier one was never finished', async () => {
  const file = keyFileIn(folder)
  expect(await file.load()).toBeUndefined()
  writeFileSync(join(folder, 'service-account.key.partial'), '-----BEG')
  expect(await file.load()).toBeUndefined()
  await file.save('KEY')
  expect(await file.load()).toBe('KEY')
  expect(readdirSync(folder)).toEqual(['service-account.key'])
  expect(statSync(join(folder, 'service-account.key')).mode & 0o777).toBe(0o600)
})
