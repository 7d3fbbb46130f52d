import { answerJson, get, type HttpHandler } from './handler.js'

/** `clusterVersion` is what all members understand. */
export const versionHandler = (serverVersion: string, clusterVersion: () => string): HttpHandler =>
  get('/version', (_request, response) =>
    answerJson(response, 200, { etcdserver: serverVersion, etcdcluster: clusterVersion() }),
  )
