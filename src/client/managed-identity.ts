import { type Agent, request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type CloudName, cloudNamed } from '#cloud/cloud.ts';
import { type Clock, machineClock } from '#kernel/clock.ts';
import { addSeconds, instantOfSeconds } from '#kernel/instant.ts';
import type { TokenProvider } from './credentials.ts';
import { parsedObject } from './faults.ts';
import {
  type Environment,
  type IdentityName,
  type IdentityRequest,
  identityRequest,
} from './identity-place.ts';
import { retryDelay } from './retry.ts';
import { noManagedIdentity, refusedIdentity, withoutToken } from './sign-in.faults.ts';
import { type IssuedToken, keepToken } from './token-keeper.ts';

export interface ManagedIdentityOptions extends IdentityName {
  /** `process.env`: the platform says in it where tokens are given. A library that reads it by itself surprises. */
  readonly environment: Environment;
  /** `public` when absent. */
  readonly cloud?: CloudName;
  /** What the token is for; the Batch service of the cloud when absent. Kept to the letter, slash included. */
  readonly resource?: string;
  /** Connections of one's own; the endpoints speak plain HTTP on this machine. */
  readonly agent?: Agent;
}

/**
 * A token provider for a program that runs as a managed identity: on App Service, Azure Machine Learning, Cloud Shell, a virtual
 * machine, or under `batten run --identity`. A hundred calls, also at once, make one token request. The provider throws
 * `SignInError`. MSAL has these places too, but reads the environment by itself.
 * Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
 */
export function managedIdentity(options: ManagedIdentityOptions): TokenProvider {
  const { environment, cloud = 'public', agent } = options;
  const resource = options.resource ?? cloudNamed(cloud).batchAudience;
  const clock = machineClock();
  return keepToken(async () => {
    const request = identityRequest(environment, resource, options);
    for (let retried = 0; ; retried++) {
      const answer = await sendOnce(request, agent);
      if (answer.status === 200) return tokenIn(answer.body, clock);
      const failure = { kind: 'status', status: ownStatus(answer.status) } as const;
      const delay = retryDelay(failure, retried, true);
      if (delay === undefined) throw refusedIdentity(answer.status, answer.body);
      await pause(delay);
    }
  }, clock);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Longest wait for the answer, in milliseconds; where no virtual machine is, nobody ever answers. */
const answerMillisecondsMax = 10_000;

/**
 * Instance metadata answers 404 and 410 while it is updated, which passes.
 * Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling
 */
function ownStatus(status: number): number {
  return status === 404 || status === 410 ? 503 : status;
}

function sendOnce(request: IdentityRequest, agent: Agent | undefined): Promise<Answer> {
  const { method, url, headers, body, isInstanceMetadata } = request;
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
  const options = { method, headers: { ...headers, ...length }, ...(agent && { agent }) };
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(noManagedIdentity(url.origin, isInstanceMetadata, error));
    const sent = httpRequest(url, options, async (reply) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of reply) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: reply.statusCode ?? 0, body: text });
      } catch (error) {
        fail(error as Error);
      }
    });
    sent.setTimeout(answerMillisecondsMax, () => {
      sent.destroy(new Error(`nothing was answered within ${answerMillisecondsMax / 1000} s`));
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** Reads an answer; the time of its end is in seconds, as a number or as text. */
function tokenIn(body: string, clock: Pick<Clock, 'real'>): IssuedToken {
  const { access_token: text, expires_on: end, expires_in: left } = parsedObject(body) ?? {};
  if (typeof text !== 'string' || text === '') throw withoutToken();
  if (Number(end) > 0) return { text, expiresAt: instantOfSeconds(Number(end)) };
  if (!(Number(left) > 0)) throw withoutToken();
  return { text, expiresAt: addSeconds(clock.real(), Number(left)) };
}
