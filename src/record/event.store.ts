import { instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { EventQuery, PlacedEvent, RecordedEvent, RecordedKind } from './record.ts';

type EventRow = {
  readonly sequence: number;
  readonly id: string;
  readonly recorded_at: number;
  readonly kind: string;
  readonly surface: string;
  readonly tenant_id: string | null;
  readonly principal_id: string | null;
  readonly code: string;
  readonly facts: string;
};

const newest = statement<{ readonly sequence: number | null }>(
  'event.newest',
  'SELECT max(sequence) AS sequence FROM recorded_event',
);

const insert = statement(
  'event.insert',
  `INSERT INTO recorded_event
     (sequence, id, recorded_at, kind, surface, tenant_id, principal_id, code, facts)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);

const dropOldest = statement('event.dropOldest', 'DELETE FROM recorded_event WHERE sequence <= ?');

const byId = statement<EventRow>(
  'event.byId',
  `SELECT sequence, id, recorded_at, kind, surface, tenant_id, principal_id, code, facts
   FROM recorded_event WHERE id = ? ORDER BY sequence`,
);

const inTime = `SELECT sequence, id, recorded_at, kind, surface, tenant_id, principal_id, code, facts
   FROM recorded_event
   WHERE tenant_id = ? AND kind = ? AND surface = ? AND recorded_at >= ? AND recorded_at <= ?`;

const oldestFirst = statement<EventRow>(
  'event.oldestFirst',
  `${inTime} AND (recorded_at, sequence) > (?, ?) ORDER BY recorded_at, sequence LIMIT ?`,
);

const newestFirst = statement<EventRow>(
  'event.newestFirst',
  `${inTime} AND (recorded_at, sequence) < (?, ?)
   ORDER BY recorded_at DESC, sequence DESC LIMIT ?`,
);

/** Bounds of time that no event is beyond, in microseconds. */
const earliest = 0;
const latest = Number.MAX_SAFE_INTEGER;

/** Appends events in their order and drops the oldest beyond `limit` rows. */
export async function appendEvents(
  transaction: WriteTransaction,
  events: readonly RecordedEvent[],
  limit: number,
): Promise<void> {
  let sequence = (await transaction.one(newest))?.sequence ?? 0;
  for (const event of events) {
    sequence += 1;
    await transaction.run(
      insert,
      sequence,
      event.id,
      event.at,
      event.kind,
      event.surface,
      event.tenantId ?? null,
      event.principalId ?? null,
      event.code,
      JSON.stringify(event.facts),
    );
  }
  await transaction.run(dropOldest, sequence - limit);
}

/** Every event of one request, oldest first. */
export async function findEvents(
  transaction: ReadTransaction,
  id: string,
): Promise<readonly RecordedEvent[]> {
  const rows = await transaction.all(byId, id);
  return rows.map(eventOf);
}

/** The events that a query asks for, in its order. */
export async function listEvents(
  transaction: ReadTransaction,
  query: EventQuery,
): Promise<readonly PlacedEvent[]> {
  const from = query.from ?? earliest;
  const until = query.until ?? latest;
  const start = query.isDescending ? latest : earliest;
  const rows = await transaction.all(
    query.isDescending ? newestFirst : oldestFirst,
    ...[query.tenantId, query.kind, query.surface, from, until],
    ...[query.after?.at ?? start, query.after?.sequence ?? start, query.limit],
  );
  return rows.map((row) => ({
    ...eventOf(row),
    place: { at: instant(row.recorded_at), sequence: row.sequence },
  }));
}

function eventOf(row: EventRow): RecordedEvent {
  return {
    id: row.id,
    at: instant(row.recorded_at),
    kind: row.kind as RecordedKind,
    surface: row.surface,
    ...(row.tenant_id === null ? {} : { tenantId: row.tenant_id }),
    ...(row.principal_id === null ? {} : { principalId: row.principal_id }),
    code: row.code,
    facts: JSON.parse(row.facts) as JsonObject,
  };
}
