import { type KeyObject, sign } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SignedTexts, TextsToSign } from './rs256-worker.ts';

/** Threads that only sign: one for each core that this thread does not use, and never more than this. */
const signersMax = Math.min(Math.max(availableParallelism() - 1, 1), 4);
/** Most signatures that are made in one go; at the rate of one core they take some three milliseconds. */
const groupMax = 8;

interface Waiting {
  readonly text: string;
  readonly key: KeyObject;
  readonly resolve: (signature: string) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that signs, with the group that it is busy with. */
interface Signer {
  readonly worker: Worker;
  group: readonly Waiting[];
}

const signers = new Set<Signer>();
let waiting: Waiting[] = [];
let isTurnWatched = false;

/**
 * Signs text with RS256; the signature is in base64url. A lone signature is made on this thread, as soon as the turn of the event loop is
 * over: to hand it over and be woken again would cost it more time. Those that come together are handed to other threads in groups, and
 * come back in groups: one wake-up serves them all, and this thread does what is alike in one go.
 */
export function signRs256(text: string, key: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    waiting.push({ text, key, resolve, reject });
    if (isTurnWatched) return;
    isTurnWatched = true;
    setImmediate(endTurn);
  });
}

function endTurn(): void {
  isTurnWatched = false;
  const [only] = waiting;
  const isIdle = [...signers].every(({ group }) => group.length === 0);
  if (only !== undefined && waiting.length === 1 && isIdle) {
    waiting = [];
    signHere(only);
  } else {
    handOut();
  }
}

/** Gives every signer that is free a group, and starts one more when all are busy. */
function handOut(): void {
  for (const signer of signers) if (signer.group.length === 0) take(signer);
  if (waiting.length > 0 && signers.size < signersMax) take(startSigner());
}

/** A group has one key, since handing over a key costs more than handing over a text. */
function take(signer: Signer): void {
  const key = waiting[0]?.key;
  const group = waiting.filter((one) => one.key === key).slice(0, groupMax);
  signer.group = group;
  if (key === undefined) return;
  waiting = waiting.filter((one) => !group.includes(one));
  // Only a thread that somebody waits for keeps the process alive.
  signer.worker.ref();
  const asked: TextsToSign = { key, texts: group.map(({ text }) => text) };
  signer.worker.postMessage(asked);
}

function startSigner(): Signer {
  const worker = new Worker(new URL(import.meta.resolve('#kernel/rs256-worker.ts')), {
    execArgv: [],
    env: {},
    name: 'signer',
  });
  const signer: Signer = { worker, group: [] };
  signers.add(signer);
  worker.on('message', (signed: SignedTexts) => {
    const { group } = signer;
    worker.unref();
    take(signer);
    for (const [index, { resolve, reject }] of group.entries()) {
      const outcome = signed[index];
      if (outcome?.kind === 'signature') resolve(outcome.text);
      else reject(new Error(outcome?.reason ?? 'a signature is missing'));
    }
  });
  worker.on('error', () => lose(signer));
  worker.on('exit', () => lose(signer));
  return signer;
}

/** What a thread that ended had not signed is signed here. */
function lose(signer: Signer): void {
  if (!signers.delete(signer)) return;
  for (const one of signer.group) signHere(one);
  handOut();
}

function signHere({ text, key, resolve, reject }: Waiting): void {
  try {
    resolve(sign('RSA-SHA256', Buffer.from(text), key).toString('base64url'));
  } catch (error) {
    reject(error);
  }
}
