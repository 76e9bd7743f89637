import type { Caller } from '#directory/caller.ts';
import type { Call, Reply } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { type Instant, instant, parseInstant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { EventPlace, EventQuery, EventReader, PlacedEvent } from '#record/record.ts';
import type { Filter } from './filter.ts';
import { fitterOf, type Listed, pageReply } from './listing.ts';
import { listQueryOf } from './odata-query.ts';
import { invalidSkipToken } from './query.faults.ts';

/** One log as Graph lists it. */
export interface EventLog extends Listed {
  readonly kind: EventQuery['kind'];
  readonly surface: string;
  /** The property that says when, by which the log is sorted and found. */
  readonly timeProperty: string;
  readonly shape: (
    tenantId: string,
    events: readonly PlacedEvent[],
  ) => Promise<readonly JsonObject[]>;
}

/** Events that are read in one step, and that are looked at for one page. */
const stepMax = 200;
const lookedAtMax = 10_000;

/** Answers a page of a log, the newest events first unless asked otherwise. Times in the filter bound what is read. */
export async function eventReply(
  call: Call<Caller>,
  events: EventReader,
  log: EventLog,
): Promise<Reply | Fault> {
  const query = listQueryOf(call, log);
  if (isFault(query)) return query;
  let after = query.skipToken === undefined ? undefined : placeOf(query.skipToken);
  if (after === undefined && query.skipToken !== undefined) return invalidSkipToken();
  const { tenantId } = call.caller;
  const range = {
    tenantId,
    kind: log.kind,
    surface: log.surface,
    isDescending: query.order?.isDescending ?? true,
    limit: stepMax,
    ...boundsOf(query.filter, log.timeProperty),
  };
  const fits = fitterOf(query);
  const objects: JsonObject[] = [];
  for (let lookedAt = 0; lookedAt < lookedAtMax; lookedAt += stepMax) {
    const step = await events.list({ ...range, ...(after === undefined ? {} : { after }) });
    const shown = await log.shape(tenantId, step);
    for (const [index, json] of shown.entries()) {
      const isFitting = fits(json);
      if (isFitting && objects.length === query.top) {
        return pageReply(call, log, query, { objects, ...nextOf(after) });
      }
      if (isFitting) objects.push(json);
      after = step[index]?.place;
    }
    if (step.length < stepMax) return pageReply(call, log, query, { objects });
  }
  return pageReply(call, log, query, { objects, ...nextOf(after) });
}

/** The first and last instant that a filter leaves: only what all of it demands counts. */
export function boundsOf(
  filter: Filter | undefined,
  property: string,
): { readonly from?: Instant; readonly until?: Instant } {
  if (filter?.kind === 'and') {
    const [left, right] = [boundsOf(filter.left, property), boundsOf(filter.right, property)];
    return { ...left, ...right };
  }
  if (filter?.kind !== 'compare' || filter.property !== property) return {};
  const at = typeof filter.value === 'string' ? parseInstant(filter.value) : undefined;
  if (at === undefined) return {};
  switch (filter.operator) {
    case 'ge':
    case 'gt':
      return { from: at };
    case 'le':
    case 'lt':
      return { until: at };
    case 'eq':
    case 'ne':
      return {};
  }
}

function nextOf(place: EventPlace | undefined): { readonly nextToken?: string } {
  if (place === undefined) return {};
  const text = JSON.stringify([place.at, place.sequence]);
  return { nextToken: Buffer.from(text, 'utf8').toString('base64url') };
}

/** Undefined when the text is no token of ours. */
function placeOf(token: string): EventPlace | undefined {
  const match = /^\[(\d{1,16}),(\d{1,16})\]$/.exec(
    Buffer.from(token, 'base64url').toString('utf8'),
  );
  return match === null ? undefined : { at: instant(Number(match[1])), sequence: Number(match[2]) };
}
