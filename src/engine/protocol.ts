import type { EnvironmentVariable, NodeKey, ResourceFile, RunOutcome } from './engine.ts';
import {
  either,
  list,
  type ReadBy,
  type Reader,
  shape,
  text,
  truth,
  whole,
  word,
} from './message.ts';
import {
  fileMessage,
  forgetMessage,
  nodeLife,
  nodeReport,
  nodeShape,
  pathLengthMax,
} from './node-message.ts';

/**
 * What server, agent and launcher say to each other. The agent polls the server with JSON over HTTP
 * on a Unix socket; it talks to the launcher in lines of JSON over another. Every message about a
 * run carries its id, the node's epoch and the attempt.
 */

/** Longest wait of a poll without news, in milliseconds. */
export const pollMillisecondsMax = 25_000;
/** Most journal records in one poll. */
export const recordsMax = 1000;
/** Most runs that one poll hands out. */
export const startsMax = 256;
/** Longest message in bytes, both ways. */
export const messageBytesMax = 67_108_864;
/** Sealed bytes of the runs that one poll hands out, unless a single one is larger. */
export const startBytesMax = 16_777_216;
/** Most runs or nodes that one agent holds. */
export const heldMax = 100_000;

/** Which run, as every message names it. */
export interface RunName {
  /** Made at random when the run was queued; never used twice. */
  readonly id: string;
  readonly epoch: number;
  readonly attempt: number;
}

const runShape = { id: text(64), epoch: whole, attempt: whole } as const;

/** Start this command. */
export interface StartMessage extends RunName, NodeKey {
  readonly directory: string;
  readonly commandLine: string;
  readonly environment: readonly EnvironmentVariable[];
  readonly resourceFiles: readonly ResourceFile[];
  readonly wallClockMilliseconds?: number;
  /**
   * Ports of this machine on which Batten itself listens; resource files are not fetched from
   * there.
   */
  readonly refusedPorts: readonly number[];
}

const variable: Reader<EnvironmentVariable> = shape(
  { name: text(), value: text() },
  { expand: truth },
);
const resourceFile: Reader<ResourceFile> = shape(
  { httpUrl: text(65_536), filePath: text(pathLengthMax) },
  { fileMode: text(8) },
);

/** Reads a start. */
export const startMessage: Reader<StartMessage> = shape(
  {
    ...nodeShape,
    ...runShape,
    directory: text(pathLengthMax),
    commandLine: text(),
    environment: list(variable, 10_000),
    resourceFiles: list(resourceFile, 10_000),
    refusedPorts: list(whole, 1000),
  },
  { wallClockMilliseconds: whole },
);

/** End this run with its whole tree; `why` becomes its outcome unless it has ended before. */
export interface KillMessage extends RunName {
  readonly why: 'cancelled' | 'nodeRemoved';
}

/** Reads a kill. */
export const killMessage: Reader<KillMessage> = shape({
  ...runShape,
  why: word('cancelled', 'nodeRemoved'),
});

const outcome: Reader<RunOutcome> = either(
  shape({ kind: word('exited'), exitCode: whole }),
  shape({
    kind: word('notStarted'),
    problem: word('programNotFound', 'launchFailed'),
    text: text(),
  }),
  shape({ kind: word('resourceFailed'), url: text(), filePath: text(), text: text() }),
  shape({ kind: word('wallClock', 'cancelled', 'nodeRemoved') }),
  shape({ kind: word('vanished'), text: text() }),
) as Reader<RunOutcome>;

const recordShape = { ...runShape, n: whole } as const;
const begun = shape(
  { ...recordShape, kind: word('begun'), at: whole, directory: text(2 * pathLengthMax) },
  { wallClockMilliseconds: whole },
);
const spawned = shape({
  ...recordShape,
  kind: word('spawned'),
  pid: whole,
  startTicks: whole,
  bootId: text(64),
});
const ended = shape({ ...recordShape, kind: word('ended'), at: whole, outcome });

/** The intent to run, written before anything is done for the run. */
export type BegunRecord = ReadBy<typeof begun>;
/** The process of a run: boot, number and start time together are never used twice. */
export type SpawnedRecord = ReadBy<typeof spawned>;
/** The end of a run; there is exactly one. */
export type EndedRecord = ReadBy<typeof ended>;
/** One line of the launcher's journal. */
export type JournalRecord = BegunRecord | SpawnedRecord | EndedRecord;

/**
 * Reads a record of the launcher's journal. `n` counts up and is the offset that is acknowledged.
 */
export const journalRecord: Reader<JournalRecord> = either(begun, spawned, ended);

const machineFacts = shape({
  agentVersion: text(64),
  hostName: text(256),
  address: text(64),
  bootedAt: whole,
  isolation: word('node', 'task', 'none'),
});
/** What the agent read on its machine. */
export type MachineFacts = ReadBy<typeof machineFacts>;

/** Reads what the agent says in a poll. */
export const pollMessage = shape(
  {
    /** Made at random by each agent process. */
    session: text(64),
    records: list(journalRecord, recordsMax),
    nodes: list(nodeReport, heldMax),
    forgotten: list(text(64), heldMax),
  },
  {
    /**
     * Said first, and again after every failed poll: everything the agent and its launcher hold.
     */
    hello: shape({
      facts: machineFacts,
      runs: list(text(64), heldMax),
      nodes: list(nodeLife, heldMax),
    }),
  },
);
/** What the agent says in a poll. */
export type PollMessage = ReadBy<typeof pollMessage>;

/** Reads the answer to a poll. */
export const pollReply = shape(
  {
    /** The server does not know this session: poll again with `hello`. */
    helloWanted: truth,
    makeNodes: list(nodeLife, heldMax),
    removeNodes: list(nodeLife, heldMax),
    starts: list(startMessage, heldMax),
    kills: list(killMessage, heldMax),
    forgets: list(forgetMessage, heldMax),
    files: list(fileMessage, heldMax),
    /** Everything is over: end all runs and yourself. */
    end: truth,
  },
  /** Every record up to and including this one is on the server's disk. */
  { acknowledged: whole },
);
/** What the server answers to a poll. */
export type PollReply = ReadBy<typeof pollReply>;

/** Reads what the agent says to the launcher. */
export const launcherCommand = either(
  shape({ op: word('attach') }),
  shape({ op: word('makeNode'), node: nodeLife }),
  shape({ op: word('removeNode'), node: nodeLife }),
  shape({ op: word('start'), start: startMessage }),
  shape({ op: word('kill'), kill: killMessage }),
  shape({ op: word('forget'), forget: forgetMessage }),
  shape({ op: word('acknowledge'), n: whole }),
  shape({ op: word('file'), file: fileMessage }),
  shape({ op: word('end') }),
);
/** What the agent says to the launcher. */
export type LauncherCommand = ReadBy<typeof launcherCommand>;

/** Reads what the launcher says to the agent. */
export const launcherNews = either(
  /**
   * The first answer to `attach`: the runs that are open or in the unacknowledged records, which
   * follow.
   */
  shape({ op: word('attached'), runs: list(text(64), heldMax) }),
  shape({ op: word('record'), record: journalRecord }),
  shape({ op: word('node'), report: nodeReport }),
  shape({ op: word('forgotten'), id: text(64) }),
);
/** What the launcher says to the agent. */
export type LauncherNews = ReadBy<typeof launcherNews>;
