/** A point in time: whole microseconds since 1970-01-01T00:00:00Z. Fits a safe integer until the year 2255. */
export type Instant = number & { readonly __brand: 'Instant' };

export const microsecondsPerSecond = 1_000_000;

/**
 * Brands whole microseconds as an instant. What lies beyond the safe integers (the year 9999 of a certificate without end) becomes the
 * last instant that they hold, which is as good as never and can be stored.
 */
export function instant(microseconds: number): Instant {
  const whole = Math.trunc(microseconds);
  return Math.min(Math.max(whole, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) as Instant;
}

/** The instant of a column that may be empty. */
export function optionalInstant(microseconds: number | null): Instant | undefined {
  return microseconds === null ? undefined : instant(microseconds);
}

/** The instant of milliseconds since the epoch, as `Date` counts them. */
export function instantOfMilliseconds(milliseconds: number): Instant {
  return instant(milliseconds * 1000);
}

/** The instant of seconds since the epoch, as tokens count them. */
export function instantOfSeconds(seconds: number): Instant {
  return instant(seconds * microsecondsPerSecond);
}

/** Whole seconds since the epoch, rounded down: the NumericDate of a token. */
export function secondsOf(at: Instant): number {
  return Math.floor(at / microsecondsPerSecond);
}

/** The instant `seconds` later; negative goes back. */
export function addSeconds(at: Instant, seconds: number): Instant {
  return instant(at + seconds * microsecondsPerSecond);
}

/** ISO 8601 in UTC with trailing zeros of the fraction cut, as Azure writes JSON dates: `2026-11-20T09:42:46.5Z`. */
export function isoOf(at: Instant): string {
  const fraction = fractionOf(at).replace(/0+$/, '');
  return `${wholeSeconds(at)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** ISO 8601 in UTC with exactly seven digits, as Azure Batch writes the time in an error message. */
export function isoSevenDigits(at: Instant): string {
  return `${wholeSeconds(at)}.${fractionOf(at)}0Z`;
}

/** RFC 1123, as HTTP dates are written: `Fri, 20 Nov 2026 09:42:46 GMT`. */
export function httpDateOf(at: Instant): string {
  return new Date(Math.floor(at / 1000)).toUTCString();
}

const dotNetEpochTicks = 621_355_968_000_000_000n;

/** .NET ticks (100 ns since the year 1) as upper-case hexadecimal with `0x`: the form of an Azure Batch ETag. */
export function etagOf(at: Instant): string {
  const ticks = BigInt(at) * 10n + dotNetEpochTicks;
  return `0x${ticks.toString(16).toUpperCase()}`;
}

/**
 * Reads an ISO 8601 or RFC 1123 date; up to seven digits of fraction are read and the seventh is dropped.
 * Undefined when the text is no date.
 */
export function parseInstant(text: string): Instant | undefined {
  const fraction = /\.(\d{1,7})(?=Z|[+-]\d\d:?\d\d$|$)/.exec(text);
  const milliseconds = Date.parse(fraction === null ? text : text.replace(fraction[0], ''));
  if (Number.isNaN(milliseconds)) return undefined;
  const micros = fraction === null ? 0 : Number((fraction[1] ?? '').padEnd(6, '0').slice(0, 6));
  return instant(milliseconds * 1000 + micros);
}

function wholeSeconds(at: Instant): string {
  return new Date(Math.floor(at / 1000)).toISOString().slice(0, 19);
}

function fractionOf(at: Instant): string {
  const rest = at - Math.floor(at / microsecondsPerSecond) * microsecondsPerSecond;
  return String(rest).padStart(6, '0');
}
