import type { Agent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { BatchCredentials } from './credentials.ts';
import { batchRefusal, foreignLink, ServiceError } from './faults.ts';
import {
  conditionsOf,
  type GetOptions,
  type ListOptions,
  type Query,
  queryOf,
  type WriteOptions,
} from './options.ts';
import { sendProved } from './prove.ts';
import { type FailedAttempt, retryDelay } from './retry.ts';
import {
  discard,
  send,
  splitAddress,
  textOfReply,
  type WireReply,
  type WireRequest,
} from './transport.ts';
import { wireApiVersion } from './wire.gen.ts';

/** One call below the account's address. */
export interface BatchCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with encoded segments: `/jobs/a%20b`. */
  readonly path: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | undefined;
  /** True when making the call twice does no harm; reading never does. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One page of a list as the service sends it. */
interface Page<Item> {
  readonly value?: readonly Item[];
  readonly 'odata.nextLink'?: string;
}

export interface ConnectionOptions {
  readonly apiVersion?: string;
  readonly agent?: Agent | undefined;
}

/** What came of sending once. */
type Attempt =
  | { readonly kind: 'reply'; readonly reply: WireReply }
  | { readonly kind: 'lost'; readonly error: unknown };

const bodyType = 'application/json; odata=minimalmetadata';

/** Sends calls to one account: adds api-version and credentials, tries again what may be, turns refusals into errors. */
export class Connection {
  readonly #credentials: BatchCredentials;
  readonly #apiVersion: string;
  readonly #agent: Agent | undefined;
  readonly #origin: string;
  readonly #base: string;

  constructor(credentials: BatchCredentials, options: ConnectionOptions) {
    const address = splitAddress(credentials.accountUrl);
    if (address === undefined) throw foreignLink(credentials.accountUrl);
    this.#credentials = credentials;
    this.#apiVersion = options.apiVersion ?? wireApiVersion;
    this.#agent = options.agent;
    this.#origin = address.origin;
    this.#base = address.target === '/' ? '' : address.target;
  }

  /** The answer of a success; its body is still to be read. Throws `ServiceError`. */
  async open(call: BatchCall): Promise<WireReply> {
    return this.#sendUntilSettled(call, `${this.#base}${call.path}${this.#queryText(call.query)}`);
  }

  /** Makes a call whose answer has no body that matters. */
  async run(call: BatchCall): Promise<void> {
    discard(await this.open(call));
  }

  /** The JSON of the answer, trusted to have the documented shape. */
  async json<T>(call: BatchCall): Promise<T> {
    return JSON.parse(await textOfReply(await this.open(call))) as T;
  }

  /** Reads one entity. */
  get<T>(path: string, options: GetOptions): Promise<T> {
    const { signal } = options;
    const headers = conditionsOf(options);
    return this.json({ method: 'GET', path, query: queryOf(options), headers, signal });
  }

  /** Adds, changes or deletes; the answer has no body that matters. */
  change(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: WriteOptions,
    body?: object,
  ): Promise<void> {
    const { signal } = options;
    return this.run({ method, path, headers: conditionsOf(options), body, signal });
  }

  /** False when the service answers 404. */
  async exists(path: string): Promise<boolean> {
    try {
      await this.run({ method: 'HEAD', path });
      return true;
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) return false;
      throw error;
    }
  }

  /** Every entity of a list; the next page is asked for when it is needed, at exactly the address that the service gave. */
  async *list<Item>(
    path: string,
    options: ListOptions,
    more: Query = {},
  ): AsyncGenerator<Item, void, undefined> {
    const { signal } = options;
    const call: BatchCall = {
      method: 'GET',
      path,
      query: { ...queryOf(options), ...more },
      signal,
    };
    let page = await this.json<Page<Item>>(call);
    for (;;) {
      yield* page.value ?? [];
      const link = page['odata.nextLink'];
      if (link === undefined) return;
      const address = splitAddress(link);
      if (address?.origin !== this.#origin) throw foreignLink(address?.origin ?? link);
      const reply = await this.#sendUntilSettled(call, address.target);
      page = JSON.parse(await textOfReply(reply)) as Page<Item>;
    }
  }

  async #sendUntilSettled(call: BatchCall, target: string): Promise<WireReply> {
    const repeatable = call.repeatable ?? (call.method === 'GET' || call.method === 'HEAD');
    const signal = call.signal === undefined ? {} : { signal: call.signal };
    for (let retried = 0; ; retried++) {
      const attempt = await this.#attempt(call, target);
      if (attempt.kind === 'reply' && attempt.reply.status < 300) return attempt.reply;
      const delay = retryDelay(failureOf(attempt), retried, repeatable);
      if (delay === undefined) throw await errorOf(attempt);
      if (attempt.kind === 'reply') discard(attempt.reply);
      await pause(delay, undefined, signal);
    }
  }

  async #attempt(call: BatchCall, target: string): Promise<Attempt> {
    const { method, signal } = call;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const plain = headersOf(call, body);
    const signable = { method, target, headers: plain };
    const wire = { method, origin: this.#origin, target, body };
    return sendProved(
      (refused) => this.#credentials.authenticate(signable, refused),
      (proof) => this.#sendOnce({ ...wire, headers: { ...plain, ...proof } }, signal),
      (sent) => (sent.kind === 'reply' ? sent.reply : undefined),
    );
  }

  async #sendOnce(request: WireRequest, signal: AbortSignal | undefined): Promise<Attempt> {
    try {
      return { kind: 'reply', reply: await send(request, { agent: this.#agent, signal }) };
    } catch (error) {
      return { kind: 'lost', error };
    }
  }

  #queryText(query: Query = {}): string {
    const parts = Object.entries({ 'api-version': this.#apiVersion, ...query }).flatMap(
      ([name, value]) =>
        value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
    );
    return `?${parts.join('&')}`;
  }
}

/** Encodes one segment of a path: a file's path is one segment, slashes included. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

function headersOf(call: BatchCall, body: string | undefined): Readonly<Record<string, string>> {
  const sendsBody = call.method === 'POST' || call.method === 'PUT' || call.method === 'PATCH';
  return {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': bodyType }),
    ...(sendsBody ? { 'content-length': String(Buffer.byteLength(body ?? '')) } : {}),
    ...call.headers,
  };
}

function failureOf(attempt: Attempt): FailedAttempt {
  if (attempt.kind === 'lost') {
    return { kind: 'connection', code: String((attempt.error as { code?: unknown }).code ?? '') };
  }
  const { status, headers } = attempt.reply;
  const retryAfter = headers['retry-after'];
  return { kind: 'status', status, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

async function errorOf(attempt: Attempt): Promise<unknown> {
  if (attempt.kind === 'lost') return attempt.error;
  const { status, headers } = attempt.reply;
  return batchRefusal(
    status,
    String(headers['request-id'] ?? ''),
    await textOfReply(attempt.reply),
  );
}
