import type { Prometheus } from '../metrics/prometheus.js'
import { answerText, get, type HttpHandler } from './handler.js'

export const metricsHandler = (prometheus: Prometheus): HttpHandler =>
  get('/metrics', async (_request, response) => {
    try {
      const text = await prometheus.text()
      response.writeHead(200, { 'Content-Type': prometheus.contentType }).end(text)
    } catch (error) {
      answerText(response, 500, (error as Error).message)
    }
  })
