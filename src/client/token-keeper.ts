import { type Clock, machineClock } from '#kernel/clock.ts';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { TokenProvider } from './credentials.ts';

/** An access token as whoever gave it dated it. */
export interface IssuedToken {
  readonly text: string;
  readonly expiresAt: Instant;
}

/** How long before its end a token is renewed, in seconds: the same as MSAL, so that both agree. */
export const renewalSeconds = 300;
/** How long an early renewal is left alone after it failed or a service refused its token, in seconds. */
export const restSeconds = 30;

/**
 * Keeps one token and shares it: callers at the same time wait for one request, and it is renewed `renewalSeconds` before
 * its end. A renewal ahead of time that fails does no harm while the old token is good. A token that a service
 * refused is replaced, for all who hold it, by one request. `acquire` is told whether what a library keeps must not be
 * used. A request that is refused is told to every caller that waited for it, and is not repeated.
 */
export function keepToken(
  acquire: (isRefused: boolean) => Promise<IssuedToken>,
  clock: Pick<Clock, 'real'> = machineClock(),
): TokenProvider {
  let kept: IssuedToken | undefined;
  let restUntil: Instant | undefined;
  let running: Promise<string> | undefined;
  const renew = async (isRefused: boolean): Promise<string> => {
    const old = kept;
    try {
      kept = await acquire(isRefused);
      if (isRefused) restUntil = addSeconds(clock.real(), restSeconds);
      return kept.text;
    } catch (error) {
      const now = clock.real();
      restUntil = addSeconds(now, restSeconds);
      if (isRefused || old === undefined || now >= old.expiresAt) throw error;
      return old.text;
    } finally {
      running = undefined;
    }
  };
  return (refusedToken) => {
    const step = nextStep(kept, { refusedToken, restUntil, now: clock.real() });
    if (step.kind === 'use') return step.token.text;
    running ??= renew(step.kind === 'replace');
    return running;
  };
}

type Step =
  | { readonly kind: 'use'; readonly token: IssuedToken }
  | { readonly kind: 'renew' }
  | { readonly kind: 'replace' };

function nextStep(
  kept: IssuedToken | undefined,
  asked: {
    readonly refusedToken: string | undefined;
    readonly restUntil: Instant | undefined;
    readonly now: Instant;
  },
): Step {
  const { refusedToken, restUntil, now } = asked;
  if (kept === undefined || now >= kept.expiresAt) return { kind: 'renew' };
  const isRefused = kept.text === refusedToken;
  const isDue = isRefused || now >= addSeconds(kept.expiresAt, -renewalSeconds);
  const isResting = restUntil !== undefined && now < restUntil;
  if (!isDue || isResting) return { kind: 'use', token: kept };
  return { kind: isRefused ? 'replace' : 'renew' };
}
