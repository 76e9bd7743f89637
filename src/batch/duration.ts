/** The longest time that .NET knows, which Azure writes where there is no bound. */
export const unboundedDuration = 'P10675199DT2H48M5.4775807S';

const unboundedMilliseconds = 922_337_203_685_477;

/** A duration in milliseconds; `unbounded` is what .NET writes as its longest. */
export type DurationValue = number | 'unbounded';

/**
 * Reads an ISO 8601 duration. As recorded, a year has 365 days and a month 30; fractions below a
 * millisecond are dropped. Undefined when the text is none, is negative, or is longer than the
 * longest that .NET knows.
 */
export function parseDuration(text: string): DurationValue | undefined {
  const match =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
      text,
    );
  if (match === null || !/\d/.test(text) || text.endsWith('T')) return undefined;
  const part = (index: number): number => Number(match[index] ?? '0');
  const days = part(1) * 365 + part(2) * 30 + part(3) * 7 + part(4);
  const seconds = days * 86_400 + part(5) * 3600 + part(6) * 60 + part(7);
  const milliseconds = Math.floor(seconds * 1000);
  if (milliseconds > unboundedMilliseconds) return undefined;
  return milliseconds === unboundedMilliseconds ? 'unbounded' : milliseconds;
}

/**
 * Writes a duration as .NET does: days, hours, minutes, seconds, without empty parts (`P1DT30M`,
 * `PT0S`).
 */
export function formatDuration(value: DurationValue): string {
  if (value === 'unbounded') return unboundedDuration;
  const seconds = Math.floor(value / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = (seconds % 60) + (value % 1000) / 1000;
  const clock = [
    hours === 0 ? '' : `${hours}H`,
    minutes === 0 ? '' : `${minutes}M`,
    rest === 0 ? '' : `${rest}S`,
  ].join('');
  if (days === 0) return `PT${clock === '' ? '0S' : clock}`;
  return `P${days}D${clock === '' ? '' : `T${clock}`}`;
}
