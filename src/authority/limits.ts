import { isIP } from 'node:net';
import type { HttpRequest } from '#http/request.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Fault } from '#kernel/fault.ts';
import { addressBlocked, tooManyRequests } from './limiter.faults.ts';
import { type Limiter, type LimitRule, openLimiter } from './limiter.ts';

/** What the authority limits. */
export interface Limits {
  /** Wrong passwords from one address. */
  readonly passwords: Limiter;
  /** Refused token requests of one application from one address. */
  readonly refusals: Limiter;
  /** All token requests of one application from one address; absent, they are not limited. */
  readonly requests?: Limiter;
}

/** The limits that an operator may set. */
export interface LimitSettings {
  /** Token requests of one application from one address in a minute; unlimited when absent. */
  readonly tokenRequestsPerMinute?: number;
}

/**
 * A person mistypes a few times and a test suite some hundred; a spray tries thousands. What was
 * used up comes back by one each second, so an address that many people share is soon let in again.
 */
export const passwordRule: LimitRule = { burst: 200, perSecond: 1 };
export const refusalRule: LimitRule = { burst: 500, perSecond: 1 };

/** Opens the limits of one server. */
export function openLimits(
  clock: Pick<Clock, 'steadyMilliseconds'>,
  { tokenRequestsPerMinute: perMinute }: LimitSettings = {},
): Limits {
  return {
    passwords: openLimiter(passwordRule, clock),
    refusals: openLimiter(refusalRule, clock),
    ...(perMinute === undefined
      ? {}
      : { requests: openLimiter({ burst: perMinute, perSecond: perMinute / 60 }, clock) }),
  };
}

/** Refuses a token request, before anything is looked up, when its application asks too often. */
export function limitRequests(
  { requests }: Limits,
  request: HttpRequest,
  clientId: string,
): Fault | undefined {
  const seconds = requests?.take(networkOf(request.remoteAddress), clientId) ?? 0;
  return seconds === 0 ? undefined : tooManyRequests(seconds);
}

/** Somebody who waits for another person asks again and again, as told: that is no failure. */
const waitingCodes: ReadonlySet<string> = new Set(['AADSTS70016']);

/**
 * What a refused token request is told: why, or from some hundred on that it comes too often, as a
 * client that does not listen. A request with the right credential never gets here, so guessing
 * locks nobody out.
 */
export function limitRefusals(
  { refusals }: Limits,
  request: HttpRequest,
  clientId: string,
  refused: Fault,
): Fault {
  if (waitingCodes.has(refused.code)) return refused;
  const seconds = refusals.take(networkOf(request.remoteAddress), clientId);
  return seconds === 0 ? refused : tooManyRequests(seconds);
}

/**
 * Checks a password within what its address may get wrong. Each check takes one before it begins,
 * since many may run at once, and the right password gives it back.
 */
export async function limitPasswords<T>(
  { passwords }: Limits,
  remoteAddress: string,
  isRight: (outcome: T) => boolean,
  check: () => Promise<T>,
): Promise<T | Fault> {
  const network = networkOf(remoteAddress);
  if (passwords.take(network) > 0) return addressBlocked();
  const outcome = await check();
  if (isRight(outcome)) passwords.giveBack(network);
  return outcome;
}

/**
 * Whom an address belongs to. Of IPv6 one subscriber has at least 64 bits, so its first four groups
 * count; IPv4 written as IPv6 means the IPv4 address.
 * Source: https://www.rfc-editor.org/rfc/rfc6177
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined || isIP(plain) !== 6) return mapped ?? address;
  const [head = [], tail = []] = plain.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = plain.includes('::') ? Array(8 - head.length - tail.length).fill('0') : [];
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
