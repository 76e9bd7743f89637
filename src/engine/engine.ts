import type { Readable } from 'node:stream';
import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';

/**
 * What the rest of Batten knows of the engine. The engine runs command lines on nodes and knows no
 * Azure word: an owner is a text (the account), a pool has nodes, a group (the job) has task runs.
 * All names are folded by the caller. `openEngine` in `open-engine.ts` makes one. A function that
 * takes a transaction takes effect with it; what it brings about begins after the commit.
 */
export interface Engine {
  /**
   * Declares nodes to be hosted. They come up when an agent has made them; the observer is told. A
   * key that still exists throws.
   */
  addNodes(tx: WriteTransaction, nodes: readonly NodeSpec[]): Promise<void>;
  /**
   * Takes a node away: its runs end first, as `nodeRemoved`; then the
   * observer hears `gone`.
   */
  removeNode(tx: WriteTransaction, node: NodeKey): Promise<void>;
  /** Creates or changes the group that runs belong to. */
  setGroup(tx: WriteTransaction, group: GroupSpec): Promise<void>;
  /**
   * Deletes a group with everything queued in it; its running runs are killed and end as
   * `cancelled`.
   */
  removeGroup(tx: WriteTransaction, group: GroupKey): Promise<void>;
  /**
   * Queues one attempt of a task. The key with its attempt is unique for ever; the same one again
   * is a bug.
   */
  enqueue(tx: WriteTransaction, runs: readonly RunSpec[]): Promise<void>;
  /**
   * Ends an attempt: a queued one is forgotten at once (`forgotten`), a claimed or running one is
   * killed with its whole tree and the observer hears `cancelled` later (`killing`), or how it
   * ended by itself in that very moment; `ended` when there is nothing left to end.
   */
  cancel(tx: WriteTransaction, run: RunKey): Promise<'forgotten' | 'killing' | 'ended'>;
  /** Removes a task's directory on its node, some time after the commit. */
  forgetFiles(tx: WriteTransaction, place: FilePlace): Promise<void>;
  /** The running and queued counts of a group, from counters. */
  groupCounts(
    tx: ReadTransaction,
    group: GroupKey,
  ): Promise<{ readonly queued: number; readonly active: number }>;
  /** What stands at a path of a node, read on the node inside the sandbox. */
  statFile(place: FilePlace): Promise<FileFacts | FileProblem>;
  /**
   * Entries below a directory of a node; `recursive` walks down. At most `filesListedMax` entries.
   */
  listFiles(place: FilePlace, recursive: boolean): Promise<readonly FileFacts[] | FileProblem>;
  /** The bytes of a file, or of a range of it (`end` inclusive). */
  readFile(
    place: FilePlace,
    range?: ByteRange,
  ): Promise<{ readonly facts: FileFacts; readonly stream: Readable } | FileProblem>;
}

/** Most entries that one listing returns. */
export const filesListedMax = 100_000;

/** Names a node: each part is folded, and one segment of a path. */
export interface NodeKey {
  readonly owner: string;
  readonly pool: string;
  readonly node: string;
}

/** A node to be hosted. */
export interface NodeSpec extends NodeKey {
  /** How many slots' worth of runs may be on the node at once. */
  readonly slots: number;
}

/** Names a group of runs (a job). */
export interface GroupKey {
  readonly owner: string;
  readonly group: string;
}

/** A group and how its runs are chosen. */
export interface GroupSpec extends GroupKey {
  /** Pool whose nodes may take the group's runs; it need not exist yet. */
  readonly pool: string;
  /** Higher goes first; between equals, the older group. */
  readonly priority: number;
  /** Most runs of the group at once; undefined means no bound. */
  readonly parallelMax?: number;
}

/** Names one attempt of a task. */
export interface RunKey {
  readonly owner: string;
  readonly group: string;
  readonly task: string;
  /** Counts from 1 over retries and requeues. */
  readonly attempt: number;
}

/** One attempt of a task, with everything that its node needs to run it. */
export interface RunSpec extends RunKey {
  readonly slots: number;
  /**
   * Run without a shell: split into words as a POSIX shell would, with quotes, without expansion.
   */
  readonly commandLine: string;
  /**
   * Complete environment except what only the node knows; values may hold secrets and are sealed at
   * rest.
   */
  readonly environment: readonly EnvironmentVariable[];
  readonly resourceFiles: readonly ResourceFile[];
  /**
   * Directory of the task below the node's root: `workitems/job/job-1/task`. `wd` is made in it.
   */
  readonly directory: string;
  /** The run is killed when it has run this long, in milliseconds; undefined means never. */
  readonly wallClockMilliseconds?: number;
}

/**
 * `value` may name what only the node knows: `${node}`, `${nodeRoot}`, `${taskDirectory}`,
 * `${pool}` in a variable with `expand` set are replaced on the node.
 */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly expand?: boolean;
}

/** A file that is fetched into the working directory before the command runs. */
export interface ResourceFile {
  /** http or https address that is fetched inside the sandbox. */
  readonly httpUrl: string;
  /** Path below `wd`; never leaves it. */
  readonly filePath: string;
  /** Octal mode, `0770` when absent. */
  readonly fileMode?: string;
}

/**
 * Told about what happened, inside the transaction that records it. The batch room implements it.
 */
export interface EngineObserver {
  nodeChanged(tx: WriteTransaction, node: NodeKey, change: NodeChange): Promise<void>;
  runStarted(tx: WriteTransaction, run: RunKey, start: RunStart): Promise<void>;
  runEnded(tx: WriteTransaction, run: RunKey, end: RunEnd): Promise<void>;
}

/** What became of a node. */
export type NodeChange =
  | {
      readonly state: 'ready';
      readonly at: Instant;
      /**
       * Facts read on the machine: root directory, agent version, host name, address, isolation
       * level.
       */
      readonly facts: NodeFacts;
    }
  /** The agent is not heard of any more, or could not make the node. */
  | { readonly state: 'lost'; readonly at: Instant; readonly reason: string }
  /** The node was removed and nothing of it is left. */
  | { readonly state: 'gone'; readonly at: Instant };

/** What was read on the machine of a node. */
export interface NodeFacts {
  readonly rootDirectory: string;
  readonly agentVersion: string;
  readonly hostName: string;
  readonly address: string;
  readonly bootedAt: Instant;
  readonly isolation: 'node' | 'task' | 'none';
}

/** A run began: the node works on it, its resource files first. */
export interface RunStart {
  readonly node: NodeKey;
  readonly at: Instant;
}

/** A run ended. There is exactly one end for each start, and for each run that was claimed. */
export interface RunEnd {
  readonly node: NodeKey;
  /** When it started, if it did. */
  readonly startedAt?: Instant;
  readonly at: Instant;
  readonly outcome: RunOutcome;
}

/** How a run ended. */
export type RunOutcome =
  /**
   * The process ended by itself. A death by signal is reported as 128 plus the signal's number, as
   * a shell would.
   */
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** The command's program was not found or could not be started; nothing ran. */
  | {
      readonly kind: 'notStarted';
      readonly problem: 'programNotFound' | 'launchFailed';
      readonly text: string;
    }
  /** A resource file could not be fetched; the command did not run. */
  | {
      readonly kind: 'resourceFailed';
      readonly url: string;
      readonly filePath: string;
      readonly text: string;
    }
  /** Killed because `wallClockMilliseconds` was over. */
  | { readonly kind: 'wallClock' }
  /** Killed because the attempt was cancelled. */
  | { readonly kind: 'cancelled' }
  /**
   * It was started, and its end was never seen: launcher or machine died. It is not run again
   * silently.
   */
  | { readonly kind: 'vanished'; readonly text: string }
  /** The node was removed under it. */
  | { readonly kind: 'nodeRemoved' };

/** A file or directory on a node: `path` is below the node's root, with `/`. */
export interface FilePlace extends NodeKey {
  readonly path: string;
}

/** Bytes of a file, counted from 0; `end` is inclusive, and absent to the end of the file. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** What `stat` says of a file or directory. */
export interface FileFacts {
  /** Below the path that was asked for; empty for itself. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number;
  readonly modifiedAt: Instant;
  /** POSIX mode with type bits, as `stat` gives it. */
  readonly mode: number;
}

/** Why a file could not be told, listed or read. */
export interface FileProblem {
  readonly problem:
    | 'notFound'
    | 'isDirectory'
    | 'notDirectory'
    | 'nodeUnavailable'
    | 'badRange'
    | 'ioError';
  readonly text: string;
}
