import { parseDuration } from '#batch/duration.ts';
import { type CivilTime, civilAt, unmovedCivilTime } from '#kernel/clock.ts';
import { type Instant, instant, isoOf, parseInstant } from '#kernel/instant.ts';
import { badSetting, clockOutOfRange, type StartRefusal } from './faults.ts';

/** What a person does to civil time. */
export type ClockMove =
  | { readonly kind: 'advance'; readonly microseconds: number }
  /** A frozen clock stays frozen, at the new instant. */
  | { readonly kind: 'set'; readonly at: Instant }
  | { readonly kind: 'freeze' }
  /** A frozen clock goes on from where it stands. */
  | { readonly kind: 'resume' }
  /** Back to the machine's own time. */
  | { readonly kind: 'reset' };

/** Civil time may be moved within these: dates of that age and youth fit every format that carries them. */
const earliest = instant(Date.UTC(2000, 0, 1) * 1000);
const latest = instant(Date.UTC(2200, 0, 1) * 1000);

/** Where civil time is after a move, at a real instant; or that it may not be moved so far. */
export function movedCivilTime(
  before: CivilTime,
  move: ClockMove,
  real: Instant,
): CivilTime | StartRefusal {
  if (move.kind === 'reset') return unmovedCivilTime;
  const now = civilAt(before, real);
  const at = goalOf(move, now);
  if (at < earliest || at >= latest) {
    return clockOutOfRange(isoOf(earliest), isoOf(latest));
  }
  const staysFrozen = before.kind === 'frozen' && move.kind !== 'resume';
  if (staysFrozen || move.kind === 'freeze') return { kind: 'frozen', at };
  return { kind: 'moving', aheadMicroseconds: at - real };
}

function goalOf(move: Exclude<ClockMove, { kind: 'reset' }>, now: Instant): Instant {
  switch (move.kind) {
    case 'advance':
      return instant(now + move.microseconds);
    case 'set':
      return move.at;
    case 'freeze':
    case 'resume':
      return now;
  }
}

/** The words of the command line for a move: `advance 61m`, `set 2027-01-01T00:00:00Z`, `freeze`. Throws a `StartRefusal`. */
export function clockMoveOf(kind: string, value: string | undefined): ClockMove {
  switch (kind) {
    case 'advance':
      return { kind, microseconds: microsecondsOf(value ?? '') };
    case 'set':
      return { kind, at: instantNamed(value ?? '') };
    case 'freeze':
    case 'resume':
    case 'reset':
      if (value === undefined) return { kind };
      throw badSetting(`batten clock ${kind}`, value, 'given without a value');
    default:
      throw badSetting('batten clock', kind, 'advance, set, freeze, resume or reset');
  }
}

/** `1d2h30m15s` in any part, or ISO 8601: `PT61M`. */
function microsecondsOf(text: string): number {
  const [, days, clock] = /^(\d+d)?((?:\d+h)?(?:\d+m)?(?:\d+s)?)$/.exec(text) ?? [];
  const iso = `P${days ?? ''}${clock ? `T${clock}` : ''}`.toUpperCase();
  const milliseconds = parseDuration(clock === undefined ? text : iso);
  if (typeof milliseconds === 'number') return milliseconds * 1000;
  throw badSetting(
    'batten clock advance',
    text,
    'a duration, such as 61m, 2h30m, 90s, 1d or PT61M',
  );
}

function instantNamed(text: string): Instant {
  const isDated = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = isDated ? parseInstant(text) : undefined;
  if (at !== undefined) return at;
  throw badSetting(
    'batten clock set',
    text,
    'an instant with its zone, such as 2027-01-01T00:00:00Z',
  );
}
