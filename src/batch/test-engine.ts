import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type {
  ByteRange,
  Engine,
  EngineObserver,
  FileFacts,
  FilePlace,
  FileProblem,
  GroupKey,
  GroupSpec,
  NodeKey,
  NodeSpec,
  RunKey,
  RunOutcome,
  RunSpec,
} from '#engine/engine.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Store, WriteTransaction } from '#store/store.ts';

type RunFate = 'queued' | 'running' | 'killing' | 'ended';

interface KnownRun {
  readonly spec: RunSpec;
  fate: RunFate;
  node: NodeKey | undefined;
}

/**
 * An engine in memory for tests: nothing happens unless the test says so, and then the observer is
 * told as the real one tells it.
 */
export class TestEngine implements Engine {
  observer: EngineObserver | undefined;
  readonly nodes = new Map<string, NodeSpec>();
  readonly leaving: NodeKey[] = [];
  readonly groups = new Map<string, GroupSpec>();
  readonly removedGroups: GroupKey[] = [];
  readonly runs: KnownRun[] = [];
  readonly forgotten: FilePlace[] = [];
  readonly files = new Map<string, string>();
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async addNodes(tx: WriteTransaction, nodes: readonly NodeSpec[]): Promise<void> {
    tx.afterCommit(() => {
      for (const node of nodes) this.nodes.set(node.node, node);
    });
  }

  async removeNode(tx: WriteTransaction, node: NodeKey): Promise<void> {
    tx.afterCommit(() => this.leaving.push(node));
  }

  async setGroup(tx: WriteTransaction, group: GroupSpec): Promise<void> {
    tx.afterCommit(() => this.groups.set(group.group, group));
  }

  async removeGroup(tx: WriteTransaction, group: GroupKey): Promise<void> {
    tx.afterCommit(() => {
      this.removedGroups.push(group);
      for (const run of this.runs) {
        if (run.spec.group !== group.group) continue;
        if (run.fate === 'queued') run.fate = 'ended';
        if (run.fate === 'running') run.fate = 'killing';
      }
    });
  }

  async enqueue(tx: WriteTransaction, specs: readonly RunSpec[]): Promise<void> {
    tx.afterCommit(() => {
      for (const spec of specs) {
        const same = (run: KnownRun) => keyText(run.spec) === keyText(spec);
        assert.ok(!this.runs.some(same), `the attempt ${keyText(spec)} is new`);
        this.runs.push({ spec, fate: 'queued', node: undefined });
      }
    });
  }

  async cancel(tx: WriteTransaction, key: RunKey): Promise<'forgotten' | 'killing' | 'ended'> {
    const run = this.runs.find(({ spec }) => keyText(spec) === keyText(key));
    if (run === undefined || run.fate === 'ended') return 'ended';
    const forgotten = run.fate === 'queued';
    tx.afterCommit(() => {
      run.fate = forgotten ? 'ended' : 'killing';
    });
    return forgotten ? 'forgotten' : 'killing';
  }

  async forgetFiles(tx: WriteTransaction, place: FilePlace): Promise<void> {
    tx.afterCommit(() => this.forgotten.push(place));
  }

  async groupCounts(): Promise<{ readonly queued: number; readonly active: number }> {
    return { queued: 0, active: 0 };
  }

  async statFile(place: FilePlace): Promise<FileFacts | FileProblem> {
    const text = this.files.get(place.path);
    if (text !== undefined) return this.#facts('', text);
    const isDirectory = [...this.files.keys()].some((path) => path.startsWith(`${place.path}/`));
    return isDirectory ? this.#directory('') : { problem: 'notFound', text: place.path };
  }

  async listFiles(
    place: FilePlace,
    recursive: boolean,
  ): Promise<readonly FileFacts[] | FileProblem> {
    const found = new Map<string, FileFacts>();
    for (const [path, text] of this.files) {
      if (!path.startsWith(`${place.path}/`)) continue;
      const name = path.slice(place.path.length + 1);
      const [first = '', ...rest] = name.split('/');
      if (rest.length > 0) found.set(first, this.#directory(first));
      if (rest.length === 0 || recursive) found.set(name, this.#facts(name, text));
    }
    return found.size === 0 ? { problem: 'notFound', text: place.path } : [...found.values()];
  }

  async readFile(place: FilePlace, range?: ByteRange) {
    const text = this.files.get(place.path);
    const facts = await this.statFile(place);
    if ('problem' in facts) return facts;
    if (text === undefined) return { problem: 'isDirectory', text: place.path } as const;
    if (range !== undefined && range.start >= text.length) {
      return { problem: 'badRange', text: place.path } as const;
    }
    const part = text.slice(range?.start ?? 0, (range?.end ?? text.length) + 1);
    return { facts, stream: Readable.from([Buffer.from(part)]) };
  }

  /** Every declared node comes up. */
  async bringUp(): Promise<void> {
    for (const node of this.nodes.values()) await this.tell(node, { state: 'ready' });
  }

  async tell(node: NodeKey, change: { state: 'ready' } | { state: 'lost' } | { state: 'gone' }) {
    const at = this.#clock.civil();
    const facts = {
      rootDirectory: '/nodes/n',
      agentVersion: '1.0.0',
      hostName: 'host',
      address: '127.0.0.1',
      bootedAt: at,
      isolation: 'node',
    } as const;
    await this.#store.write(async (tx) => {
      if (change.state === 'ready')
        await this.#heard().nodeChanged(tx, node, { ...change, at, facts });
      if (change.state === 'lost') {
        await this.#heard().nodeChanged(tx, node, { ...change, at, reason: 'silent' });
      }
      if (change.state === 'gone') await this.#heard().nodeChanged(tx, node, { ...change, at });
    });
  }

  /** Every node that is being removed is gone: its runs end first. */
  async takeDown(): Promise<void> {
    for (const node of this.leaving.splice(0)) {
      for (const run of this.runs) {
        if (run.node?.node === node.node && run.fate !== 'ended') {
          await this.end(run.spec.task, { kind: 'nodeRemoved' });
        }
      }
      this.nodes.delete(node.node);
      await this.tell(node, { state: 'gone' });
    }
  }

  /** The run of a task that is queued or runs; `task` is its folded name, or the engine's key. */
  current(task: string): KnownRun {
    const run = this.runs.find(
      ({ spec, fate }) =>
        fate !== 'ended' && (spec.task === task || spec.task.startsWith(`${task}:`)),
    );
    assert.ok(run, `a run of ${task} is queued or runs`);
    return run;
  }

  /** A task starts on the first node. */
  async start(task: string): Promise<void> {
    const run = this.current(task);
    const [node] = this.nodes.values();
    assert.ok(node);
    run.fate = 'running';
    run.node = node;
    const at = this.#clock.civil();
    await this.#store.write((tx) => this.#heard().runStarted(tx, run.spec, { node, at }));
  }

  async end(task: string, outcome: RunOutcome): Promise<void> {
    const run = this.current(task);
    const { node } = run;
    assert.ok(node, `${task} was started`);
    run.fate = 'ended';
    const at = this.#clock.civil();
    const end = { node, startedAt: at, at, outcome };
    await this.#store.write((tx) => this.#heard().runEnded(tx, run.spec, end));
  }

  /** A task runs on the first node and exits. */
  async exit(task: string, exitCode = 0): Promise<void> {
    await this.start(task);
    await this.end(task, { kind: 'exited', exitCode });
  }

  /** Every run that is being killed is dead. */
  async kill(): Promise<void> {
    for (const run of this.runs.filter(({ fate }) => fate === 'killing')) {
      await this.end(run.spec.task, { kind: 'cancelled' });
    }
  }

  #heard(): EngineObserver {
    assert.ok(this.observer);
    return this.observer;
  }

  #facts(name: string, text: string): FileFacts {
    const modifiedAt = this.#clock.civil();
    return { name, isDirectory: false, size: text.length, modifiedAt, mode: 0o100644 };
  }

  #directory(name: string): FileFacts {
    return { name, isDirectory: true, size: 0, modifiedAt: this.#clock.civil(), mode: 0o40755 };
  }
}

function keyText({ owner, group, task, attempt }: RunKey): string {
  return [owner, group, task, attempt].join(' ');
}
