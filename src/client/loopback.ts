import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signInAborted, signInTimedOut, strangersAnswer } from './sign-in.faults.ts';

/** A place on this machine to which a browser brings the answer of one sign-in. */
export interface Loopback {
  /** `http://localhost:PORT`; Entra ignores the port when it compares. */
  readonly redirectUri: string;
  /** The answer that has the state; rejects with `SignInError` when none comes in time. */
  answer(state: string, limits: LoopbackLimits): Promise<URLSearchParams>;
  close(): void;
}

export interface LoopbackLimits {
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** Largest form that an answer may be, in bytes; codes are far below. */
const answerBytesMax = 65_536;

/**
 * Listens on a free port of the loopback interface. Only a form that is posted to `/` counts, so that the code stands in no address; one with
 * another state is refused and changes nothing, since any page may post here. MSAL has a place of this kind too, but waits at it
 * without an end.
 */
export async function openLoopback(): Promise<Loopback> {
  let expected: { readonly state: string; take(answer: URLSearchParams): void } | undefined;
  const server = createServer(async (request, response) => {
    const answer = await answerOf(request);
    if (answer === undefined) return say(response, 404, 'There is nothing here.');
    if (expected === undefined || answer.get('state') !== expected.state) {
      return say(response, 400, strangersAnswer);
    }
    const { take } = expected;
    // The page is on its way before anybody may close the place.
    response.once('close', () => take(answer));
    say(response, 200, answer.has('code') ? pageAfterCode : pageAfterRefusal);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    redirectUri: `http://localhost:${port}`,
    answer: (state, { deadlineSeconds, signal }) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(signInTimedOut(deadlineSeconds)),
          deadlineSeconds * 1000,
        );
        const abort = () => reject(signInAborted(signal?.reason));
        if (signal?.aborted) abort();
        signal?.addEventListener('abort', abort, { once: true });
        server.once('close', () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
        });
        expected = { state, take: resolve };
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const pageAfterCode = 'You are signed in. You may close this page.';
const pageAfterRefusal = 'You are not signed in; the program says why. You may close this page.';

async function answerOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (request.method !== 'POST' || request.url !== '/') return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes > answerBytesMax) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    // Whoever hangs up in the middle has not answered.
    return undefined;
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(`<!doctype html><html lang="en"><title>Sign-in</title><p>${text}</p></html>`);
}
