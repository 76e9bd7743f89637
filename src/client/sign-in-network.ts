import { AsyncLocalStorage } from 'node:async_hooks';
import type { Agent } from 'node:https';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { cleartextSignIn, unreadableSignIn } from './sign-in.faults.ts';
import { send, splitAddress, textOfReply } from './transport.ts';

/** An OAuth refusal, as far as it is told on. */
export interface OAuthRefusal {
  readonly error: string;
  readonly error_description?: string;
  readonly correlation_id?: string;
}

/** What came back while one sign-in ran: MSAL keeps some of it to itself. */
export interface Heard {
  refusal?: OAuthRefusal;
  /** Why a request got no answer. */
  failure?: unknown;
}

const hearing = new AsyncLocalStorage<Heard>();

/** Runs a sign-in; whatever its requests are refused with is written into `heard`. */
export function hear<T>(heard: Heard, signIn: () => Promise<T>): Promise<T> {
  return hearing.run(heard, signIn);
}

/** MSAL's way to the network over the same transport as the rest, so that one agent serves sign-in and service. */
export function networkOver(agent: Agent | undefined): INetworkModule {
  const request = async <T>(
    method: 'GET' | 'POST',
    url: string,
    options: NetworkRequestOptions = {},
  ): Promise<NetworkResponse<T>> => {
    const heard = hearing.getStore() ?? {};
    try {
      const answer = await exchange<T>(method, url, options, agent);
      const refusal = refusalIn(answer.body);
      if (refusal !== undefined) heard.refusal = refusal;
      return answer;
    } catch (error) {
      heard.failure = error;
      throw error;
    }
  };
  return {
    sendGetRequestAsync: (url, options) => request('GET', url, options),
    sendPostRequestAsync: (url, options) => request('POST', url, options),
  };
}

async function exchange<T>(
  method: 'GET' | 'POST',
  url: string,
  options: NetworkRequestOptions,
  agent: Agent | undefined,
): Promise<NetworkResponse<T>> {
  const address = splitAddress(url);
  if (address === undefined) throw cleartextSignIn(url);
  const { body } = options;
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
  const headers = { ...options.headers, ...length };
  const { status, ...reply } = await send({ ...address, method, headers, body }, { agent });
  const text = await textOfReply({ status, ...reply });
  try {
    return { status, headers: flat(reply.headers), body: JSON.parse(text) as T };
  } catch {
    throw unreadableSignIn(address.origin, status);
  }
}

/** A device whose person has not decided yet is not refused. */
function refusalIn(body: unknown): OAuthRefusal | undefined {
  const found = (typeof body === 'object' && body !== null ? body : {}) as Partial<OAuthRefusal>;
  const { error } = found;
  if (typeof error !== 'string' || error === 'authorization_pending') return undefined;
  return { ...found, error };
}

function flat(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
