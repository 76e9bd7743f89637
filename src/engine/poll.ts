import { AgentSession } from './agent-session.ts';
import { claimRuns } from './claim.ts';
import { launcherTexts } from './faults.ts';
import { endVanished, takeNodeReport, takeRecord } from './news.ts';
import { listNodes } from './node.store.ts';
import {
  type PollMessage,
  type PollReply,
  pollMillisecondsMax,
  type StartMessage,
  startBytesMax,
  startsMax,
} from './protocol.ts';
import { killOf } from './queue.ts';
import type { EngineRoom } from './room.ts';
import {
  deleteForgetting,
  listAllPlacedRuns,
  listForgettings,
  listRunsOnNode,
  type StoredRun,
} from './run.store.ts';
import { startOf } from './run-spec.ts';

type Hello = NonNullable<PollMessage['hello']>;

/**
 * One poll of the agent: what it tells is made durable, then queued runs are claimed for its free
 * slots, and everything that it has to do is answered; when there is nothing, the answer waits for
 * up to 25 s. A session that this server does not know is asked for a hello.
 */
export async function answerPoll(room: EngineRoom, message: PollMessage): Promise<PollReply> {
  const { hello } = message;
  if (hello !== undefined) {
    room.session?.wake();
    room.session = new AgentSession(message.session, hello.facts);
  }
  const { session } = room;
  const isKnown = session?.id === message.session && (hello !== undefined || !session.mustCompare);
  if (!isKnown) return { ...emptyReply, helloWanted: true };
  const acknowledged = await takeNews(room, session, message);
  const again = hello === undefined ? [] : await compare(room, session, hello);
  const first = [...again, ...(await claim(room, session))];
  const mayWait =
    first.length === 0 && !session.hasNews && message.records.length === 0 && hello === undefined;
  if (mayWait) await session.news(pollMillisecondsMax);
  if (session.mustEnd) return { ...emptyReply, end: true };
  const starts = mayWait ? await claim(room, session) : first;
  return {
    ...emptyReply,
    ...session.takeOutbox(),
    starts,
    ...(acknowledged === undefined ? {} : { acknowledged }),
  };
}

const emptyReply: PollReply = {
  helloWanted: false,
  makeNodes: [],
  removeNodes: [],
  starts: [],
  kills: [],
  forgets: [],
  files: [],
  end: false,
};

/**
 * Takes everything that the agent tells in one durable transaction with a savepoint each, so that
 * one bug does not hold up the rest. Returns the last record before the first that failed.
 */
async function takeNews(
  room: EngineRoom,
  session: AgentSession,
  message: PollMessage,
): Promise<number | undefined> {
  const { store } = room;
  const records = message.records.map((record) =>
    store.write((tx) => takeRecord(room, tx, record)),
  );
  const reports = message.nodes.map((report) =>
    store.write((tx) => takeNodeReport(room, tx, report, session.facts)),
  );
  const forgotten = message.forgotten.map((id) => store.write((tx) => deleteForgetting(tx, id)));
  const taken = await Promise.allSettled(records);
  for (const other of await Promise.allSettled([...reports, ...forgotten])) {
    if (other.status === 'rejected') logFailure(room, other.reason);
  }
  if (message.records.length > 0 || message.nodes.length > 0) session.mayClaim = true;
  let acknowledged: number | undefined;
  for (const [index, one] of taken.entries()) {
    if (one.status === 'rejected') {
      logFailure(room, one.reason);
      break;
    }
    acknowledged = message.records[index]?.n;
  }
  return acknowledged;
}

/**
 * Compares what the agent holds with the rows, and makes good what was lost between them. Returns
 * the starts to repeat.
 */
async function compare(
  room: EngineRoom,
  session: AgentSession,
  hello: Hello,
): Promise<readonly StartMessage[]> {
  const held = new Set(hello.runs);
  const known = new Set(
    hello.nodes.map((node) => JSON.stringify([node.owner, node.pool, node.node, node.epoch])),
  );
  const again: StoredRun[] = [];
  const vanished: StoredRun[] = [];
  await room.store.read(async (tx) => {
    const { outbox } = session;
    for (const { owner, pool, node, epoch, state } of await listNodes(tx)) {
      const life = { owner, pool, node, epoch };
      if (state === 'removing') {
        if ((await listRunsOnNode(tx, life)).length === 0) outbox.removeNodes.push(life);
      } else if (state !== 'ready' || !known.has(JSON.stringify([owner, pool, node, epoch]))) {
        outbox.makeNodes.push(life);
      }
    }
    for (const run of await listAllPlacedRuns(tx)) {
      if (run.ending !== undefined) outbox.kills.push(killOf(run, run.ending));
      else if (held.has(run.id)) continue;
      else if (run.state === 'running') vanished.push(run);
      else again.push(run);
    }
    outbox.forgets.push(...(await listForgettings(tx)));
    for (const { message } of room.files.values()) outbox.files.push(message);
  });
  // Its launcher told that it began and holds no journal of it any more: it is not run again
  // silently.
  await Promise.all(
    vanished.map((run) =>
      room.store.write((tx) => endVanished(room, tx, run.id, launcherTexts.vanished)),
    ),
  );
  return startsOf(room, session, again);
}

async function claim(room: EngineRoom, session: AgentSession): Promise<readonly StartMessage[]> {
  // A session that another one replaced takes nothing more.
  if (!session.mayClaim || room.session !== session) return [];
  session.mayClaim = false;
  const claimed = await room.store.write((tx) => claimRuns(tx, startsMax));
  if (claimed.length >= startsMax) session.mayClaim = true;
  // Another session came in between and does not know what was claimed for it.
  if (room.session !== session) room.session?.compareAgain();
  return startsOf(room, session, claimed);
}

/**
 * The starts of placed runs; what would make the reply too long is left to the hello that is then
 * asked for.
 */
function startsOf(
  room: EngineRoom,
  session: AgentSession,
  runs: readonly StoredRun[],
): readonly StartMessage[] {
  const refusedPorts = room.ownPorts();
  const starts: StartMessage[] = [];
  let bytes = 0;
  for (const run of runs) {
    if (run.place === undefined) continue;
    bytes += run.spec.length;
    if (bytes > startBytesMax && starts.length > 0) {
      session.compareAgain();
      break;
    }
    try {
      starts.push(startOf(run, run.place, room.seal, refusedPorts));
    } catch (error) {
      room.log.error({ run: run.id, error: String(error) }, 'a queued run could not be opened');
    }
  }
  return starts;
}

function logFailure(room: EngineRoom, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  room.log.error({ error: text }, 'what the agent told could not be recorded; it will tell again');
}
