import type { Agent } from 'node:https';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { send, splitAddress, textOfReply } from './transport.ts';

/** MSAL's way to the network over the same transport as the rest, so that one agent serves sign-in and service. */
export function networkOver(agent: Agent | undefined): INetworkModule {
  const request = async <T>(
    method: 'GET' | 'POST',
    url: string,
    options: NetworkRequestOptions = {},
  ): Promise<NetworkResponse<T>> => {
    const address = splitAddress(url);
    if (address === undefined) throw new TypeError(`sign-in is only possible over https: ${url}`);
    const { body } = options;
    const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
    const headers = { ...options.headers, ...length };
    const reply = await send({ ...address, method, headers, body }, { agent });
    const text = await textOfReply(reply);
    return { status: reply.status, headers: flat(reply.headers), body: JSON.parse(text) as T };
  };
  return {
    sendGetRequestAsync: (url, options) => request('GET', url, options),
    sendPostRequestAsync: (url, options) => request('POST', url, options),
  };
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
