import type { EngineObserver, NodeChange } from '#engine/engine.ts';
import { civilAt, type MovableClock } from '#kernel/clock.ts';
import type { Instant } from '#kernel/instant.ts';

/** The engine dates what happens by real time; who reads tasks and nodes compares it with what Batten dated, so they get civil time. */
export function inCivilTime(
  observer: EngineObserver,
  clock: Pick<MovableClock, 'civilTime'>,
): EngineObserver {
  const civil = (real: Instant): Instant => civilAt(clock.civilTime(), real);
  return {
    nodeChanged: (tx, node, change) => observer.nodeChanged(tx, node, dated(change, civil)),
    runStarted: (tx, run, start) => observer.runStarted(tx, run, { ...start, at: civil(start.at) }),
    runEnded: (tx, run, { startedAt, ...end }) =>
      observer.runEnded(tx, run, {
        ...end,
        at: civil(end.at),
        ...(startedAt === undefined ? {} : { startedAt: civil(startedAt) }),
      }),
  };
}

function dated(change: NodeChange, civil: (real: Instant) => Instant): NodeChange {
  const at = civil(change.at);
  if (change.state !== 'ready') return { ...change, at };
  return { ...change, at, facts: { ...change.facts, bootedAt: civil(change.facts.bootedAt) } };
}
