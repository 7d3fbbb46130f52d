import type { Pod, ProxiedResponse } from '@miniplane/api'
import { TEXT_TYPE } from './http-answer.js'

export const textAnswer = (status: number, text: string): ProxiedResponse => ({
  status,
  headers: { 'content-type': TEXT_TYPE },
  body: Buffer.from(text),
})

/** What a kubelet's own server says, as far as a hollow one has anything to say. */
export function kubeletAnswer(path: string, pods: readonly Pod[]): ProxiedResponse {
  switch (path.split('?')[0]) {
    case '/healthz':
    case '/healthz/ping':
    case '/healthz/syncloop':
      return textAnswer(200, 'ok')
    case '/pods':
    case '/pods/':
    case '/runningpods/': {
      const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods }
      const body = Buffer.from(`${JSON.stringify(list)}\n`)
      return { status: 200, headers: { 'content-type': 'application/json' }, body }
    }
    default:
      return textAnswer(404, '404 page not found\n')
  }
}
