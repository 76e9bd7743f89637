import { type CivilTime, unmovedCivilTime } from '#kernel/clock.ts';
import { instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** Where civil time was moved to; unmoved when nobody did. */
export async function findCivilTime(tx: ReadTransaction): Promise<CivilTime> {
  const row = await tx.one(select);
  if (row === undefined) return unmovedCivilTime;
  if (row.frozen_at !== null) return { kind: 'frozen', at: instant(row.frozen_at) };
  return { kind: 'moving', aheadMicroseconds: row.ahead ?? 0 };
}

/** Keeps where civil time is; nothing is kept of a clock that goes with the machine's. */
export async function putCivilTime(tx: WriteTransaction, time: CivilTime): Promise<void> {
  await tx.run(remove);
  if (time.kind === 'frozen') await tx.run(insert, null, time.at);
  else if (time.aheadMicroseconds !== 0) await tx.run(insert, time.aheadMicroseconds, null);
}

const select = statement<{ ahead: number | null; frozen_at: number | null }>(
  'civilClock.select',
  'SELECT ahead, frozen_at FROM civil_clock',
);

const insert = statement(
  'civilClock.insert',
  'INSERT INTO civil_clock (only_one, ahead, frozen_at) VALUES (1, ?, ?)',
);

const remove = statement('civilClock.remove', 'DELETE FROM civil_clock');
