import { type ApiResponse, encodeJsonText, genericServerResponse } from '@miniplane/api'
import { checkAccepts } from '../negotiation/accept.js'
import { bytesResponse, pageNotFound } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import type { TokenIssuer } from './service-account-tokens.js'

export const CONFIGURATION_PATH = '/.well-known/openid-configuration'
export const KEYS_PATH = '/openid/v1/jwks'

/**
 * Tells others how to verify service accounts' tokens.
 * Source: OpenID Connect Discovery 1.0 §4.2; RFC 7517 §5.
 */
export class OpenIdProvider {
  readonly #issuer: TokenIssuer
  readonly #address: () => string

  constructor(issuer: TokenIssuer, address: () => string) {
    this.#issuer = issuer
    this.#address = address
  }

  async handle({ info, request }: RequestContext): Promise<ApiResponse> {
    const isKnown = info.path === CONFIGURATION_PATH || info.path === KEYS_PATH
    if (isKnown && request.method !== 'GET')
      throw genericServerResponse(405, request.method, { group: '', resource: '' }, '')
    switch (info.path) {
      case CONFIGURATION_PATH:
        checkAccepts(request.headers.accept, ['application/json'])
        return document('application/json', {
          issuer: this.#issuer.issuer,
          jwks_uri: `https://${this.#address()}${KEYS_PATH}`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: await this.#algorithms(),
        })
      case KEYS_PATH:
        checkAccepts(request.headers.accept, [KEYS_TYPE])
        return document(KEYS_TYPE, { keys: await this.#issuer.publicKeys() })
      default:
        return pageNotFound()
    }
  }

  async #algorithms(): Promise<readonly string[]> {
    const keys = await this.#issuer.publicKeys()
    return [...new Set(keys.map(({ alg }) => alg))].sort()
  }
}

const KEYS_TYPE = 'application/jwk-set+json'

function document(type: string, value: unknown): ApiResponse {
  const response = bytesResponse(200, type, Buffer.from(encodeJsonText(value)))
  return { ...response, headers: { ...response.headers, 'cache-control': 'public, max-age=3600' } }
}
