import type { Agent } from 'node:https';
import type { TokenProvider } from './credentials.ts';
import { insecureAddress, restRefusal } from './faults.ts';
import { bearerProof, sendProved } from './prove.ts';
import { send, splitAddress, textOfReply } from './transport.ts';

/** An answer of a success. */
export interface RestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; undefined when there is none. */
  readonly json: unknown;
}

/** Calls of Resource Manager and Microsoft Graph, one at a time; only a 401 is tried again, once and with another token. */
export interface RestClient {
  /** `path` is raw, query included: `/subscriptions?api-version=2022-12-01`. Throws `ServiceError`. */
  call(method: string, path: string, body?: object): Promise<RestReply>;
}

/** A plain client of an Azure REST endpoint; the provider's tokens must be for that endpoint. */
export function restClient(
  endpoint: string,
  tokenProvider: TokenProvider,
  options: { readonly agent?: Agent } = {},
): RestClient {
  const address = splitAddress(endpoint.replace(/\/+$/, ''));
  if (address === undefined) throw insecureAddress(endpoint);
  const base = address.target === '/' ? '' : address.target;
  return {
    async call(method, path, body) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const plain = {
        accept: 'application/json',
        'content-length': `${Buffer.byteLength(text ?? '')}`,
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const { origin } = address;
      const request = { method, origin, target: `${base}${path}`, body: text };
      const reply = await sendProved(
        (refused) => bearerProof(tokenProvider, refused),
        (proof) => send({ ...request, headers: { ...plain, ...proof } }, { agent: options.agent }),
        (sent) => sent,
      );
      const answer = await textOfReply(reply);
      if (reply.status >= 400) {
        const id = reply.headers['x-ms-request-id'] ?? reply.headers['request-id'] ?? '';
        throw restRefusal(reply.status, String(id), answer);
      }
      const json: unknown = answer === '' ? undefined : JSON.parse(answer);
      return { status: reply.status, headers: reply.headers, json };
    },
  };
}
