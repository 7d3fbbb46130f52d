import type { Clock } from '@miniplane/api'
import type { Transport } from '@miniplane/client'

export function startCopier(transport: Transport, clock?: Clock): { stop(): Promise<void> }
