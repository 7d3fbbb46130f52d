import type { Deployment } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import type { Info } from '../../resolve/info.js'
import { patchEach, refusal, rolloutFlags } from './patch-each.js'

const isPaused = (info: Info): boolean =>
  (info.object as unknown as Deployment).spec?.paused ?? false

export const pause = defineCommand({
  usage: 'pause RESOURCE [options]',
  summary: 'Mark the provided resource as paused',
  flags: rolloutFlags,
  run: (session, invocation) =>
    patchEach(session, invocation, 'paused', (info) => {
      if (info.object.kind !== 'Deployment') throw refusal(info, 'pausing is not supported')
      if (isPaused(info)) throw refusal(info, 'is already paused')
      return { spec: { paused: true } }
    }),
})

export const resume = defineCommand({
  usage: 'resume RESOURCE [options]',
  summary: 'Resume a paused resource',
  flags: rolloutFlags,
  run: (session, invocation) =>
    patchEach(session, invocation, 'resumed', (info) => {
      if (info.object.kind !== 'Deployment') throw refusal(info, 'resuming is not supported')
      if (!isPaused(info)) throw refusal(info, 'is not paused')
      return { spec: { paused: null } }
    }),
})
