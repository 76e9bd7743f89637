import { request as httpsRequest } from 'node:https';
import type { ChildBatten } from '#app/child-batten.ts';

/** One raw request, sent exactly as written. */
export interface Question {
  readonly method?: string;
  /** Raw target: nothing is decoded, joined or normalised. */
  readonly target: string;
  /** The Host header and the TLS server name; Batten's own when absent. */
  readonly host?: string;
  /** The TLS server name when it is another than the host. */
  readonly serverName?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** Code of the refusal in whatever shape the surface has; `AADSTS...` of the authority. */
  readonly code: string;
  readonly body: string;
  readonly json: unknown;
}

/** Sends one request to the server itself, whatever host it names, and reads the whole answer. */
export function ask(
  { env, agent }: Pick<ChildBatten, 'env' | 'agent'>,
  question: Question,
): Promise<Answer> {
  const url = new URL(env['BATTEN_URL'] ?? '');
  const { method = question.json || question.form ? 'POST' : 'GET', target, token } = question;
  const body = bodyOf(question);
  const host = question.host ?? url.host;
  const headers = {
    host,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': typeOf(question) }),
    ...(body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }),
    ...question.headers,
  };
  const ca = agent.options.ca;
  const servername = question.serverName ?? host.replace(/:\d+$/, '');
  return new Promise((resolve, reject) => {
    const options = { hostname: 'localhost', port: url.port, servername, ca, path: target };
    const outgoing = httpsRequest({ ...options, method, headers, agent: false }, async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const json = parsed(text);
      resolve({ status: reply.statusCode ?? 0, code: codeOf(json), body: text, json });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function bodyOf({ json, form }: Question): string | undefined {
  if (json !== undefined) return JSON.stringify(json);
  return form === undefined ? undefined : new URLSearchParams(form).toString();
}

function typeOf({ json }: Question): string {
  return json === undefined
    ? 'application/x-www-form-urlencoded'
    : 'application/json; odata=minimalmetadata';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(json: unknown): string {
  const body = (json ?? {}) as {
    readonly code?: string;
    readonly error?: string | { readonly code?: string };
    readonly error_description?: string;
  };
  if (typeof body.error === 'object') return body.error.code ?? '';
  return /AADSTS\d+/.exec(body.error_description ?? '')?.[0] ?? body.code ?? body.error ?? '';
}
