import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { instant } from '#kernel/instant.ts';
import {
  type ByteRange,
  type FileFacts,
  type FilePlace,
  type FileProblem,
  filesListedMax,
} from './engine.ts';
import { fileTexts } from './faults.ts';
import { readJson } from './message.ts';
import { findNode } from './node.store.ts';
import { type FileMessage, fileFacts, fileHead } from './node-message.ts';
import { pathBelow } from './paths.ts';
import { messageBytesMax } from './protocol.ts';
import { type EngineRoom, freshId } from './room.ts';

/** Longest time until the first line of an answer, in milliseconds. */
const answerMillisecondsMax = 15_000;

type Read = { readonly facts: FileFacts; readonly stream: Readable } | FileProblem;

/** The begin of an answer: its first line, how many bytes follow, and the rest. */
interface Opened {
  readonly facts: FileFacts;
  readonly length: number;
  readonly rest: Readable;
}

/** Asks the agent about files of its nodes, and takes its answers. */
export class NodeFiles {
  readonly #room: EngineRoom;

  constructor(room: EngineRoom) {
    this.#room = room;
  }

  async stat(place: FilePlace): Promise<FileFacts | FileProblem> {
    const opened = await this.#ask(place, { verb: 'stat', recursive: false });
    if ('problem' in opened) return opened;
    opened.rest.resume();
    return opened.facts;
  }

  async list(place: FilePlace, recursive: boolean): Promise<readonly FileFacts[] | FileProblem> {
    const opened = await this.#ask(place, { verb: 'list', recursive });
    if ('problem' in opened) return opened;
    const entries: FileFacts[] = [];
    try {
      let line = await nextLine(opened.rest);
      for (; line !== '' && entries.length < filesListedMax; line = await nextLine(opened.rest)) {
        const facts = readJson(fileFacts, line);
        if (facts !== undefined) entries.push(factsOf(facts));
      }
    } catch {
      return { problem: 'nodeUnavailable', text: fileTexts.brokenAnswer };
    } finally {
      opened.rest.destroy();
    }
    return entries;
  }

  /** The stream fails when the answer breaks off; destroying it tells the node to stop. */
  async read(place: FilePlace, range: ByteRange | undefined): Promise<Read> {
    const opened = await this.#ask(place, { verb: 'read', recursive: false, ...range });
    if ('problem' in opened) return opened;
    const { facts, length, rest } = opened;
    const stream = new PassThrough();
    // It may break before its reader listens.
    stream.on('error', () => {});
    void pipeline(rest, exactly(length), stream).catch((error: Error) => stream.destroy(error));
    return { facts, stream };
  }

  /**
   * Takes the body of an answer; resolves when it is read to its end or given up. False when nobody
   * waits for it.
   */
  async take(id: string, body: Readable): Promise<boolean> {
    const awaited = this.#room.files.get(id);
    if (awaited === undefined) return false;
    this.#room.files.delete(id);
    const closed = new Promise<void>((resolve) => {
      body
        .once('end', resolve)
        .once('close', resolve)
        .once('error', () => resolve());
    });
    awaited.take(body);
    await closed;
    return true;
  }

  async #ask(
    place: FilePlace,
    wish: Pick<FileMessage, 'verb' | 'recursive' | 'start' | 'end'>,
  ): Promise<Opened | FileProblem> {
    if (pathBelow('/', place.path) === undefined) {
      return { problem: 'notFound', text: fileTexts.badPath };
    }
    const node = await this.#room.store.read((tx) => findNode(tx, place));
    if (node === undefined || node.state === 'new') {
      return { problem: 'nodeUnavailable', text: fileTexts.noNode };
    }
    const { owner, pool, node: name, path } = place;
    const id = freshId(this.#room.random);
    const body = await this.#answer({ id, owner, pool, node: name, path, ...wish });
    if (body === undefined) return { problem: 'nodeUnavailable', text: fileTexts.noAnswer };
    return open(body);
  }

  /**
   * The body of the answer; undefined when there is none in time. An agent that says hello
   * meanwhile is asked again.
   */
  #answer(message: FileMessage): Promise<Readable | undefined> {
    const { files, session } = this.#room;
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        files.delete(message.id);
        resolve(undefined);
      }, answerMillisecondsMax);
      files.set(message.id, {
        message,
        take: (body) => {
          clearTimeout(late);
          resolve(body);
        },
      });
      session?.tell((outbox) => outbox.files.push(message));
    });
  }
}

async function open(body: Readable): Promise<Opened | FileProblem> {
  let head: ReturnType<typeof fileHead>;
  try {
    head = readJson(fileHead, await nextLine(body));
  } catch {
    head = undefined;
  }
  if (head === undefined) {
    body.destroy();
    return { problem: 'nodeUnavailable', text: fileTexts.brokenAnswer };
  }
  if ('problem' in head) {
    body.resume();
    return head;
  }
  return { facts: factsOf(head.facts), length: head.length, rest: body };
}

/**
 * The next line of a stream, without its end, leaving the rest unread; empty at the end of the
 * stream.
 */
function nextLine(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const settle = (act: () => void): void => {
      stream.off('readable', look).off('end', finish).off('error', fail).off('close', finish);
      act();
    };
    const finish = (): void => settle(() => resolve(Buffer.concat(parts).toString('utf8')));
    const fail = (error: Error): void => settle(() => reject(error));
    const look = (): void => {
      for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) {
        const end = chunk.indexOf(0x0a);
        parts.push(end < 0 ? chunk : chunk.subarray(0, end));
        bytes += chunk.length;
        if (bytes > messageBytesMax) fail(new Error('the line is too long'));
        if (end < 0) continue;
        if (end + 1 < chunk.length) stream.unshift(chunk.subarray(end + 1));
        finish();
        break;
      }
    };
    if (stream.readableEnded || stream.destroyed) return finish();
    stream.on('readable', look).on('end', finish).on('error', fail).on('close', finish);
    look();
  });
}

/** Passes bytes on and fails when there are fewer than announced. */
function exactly(length: number): (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer> {
  return async function* (source) {
    let left = length;
    for await (const chunk of source) {
      left -= chunk.length;
      yield chunk;
    }
    if (left > 0) throw new Error(fileTexts.brokenAnswer);
  };
}

function factsOf(read: NonNullable<ReturnType<typeof fileFacts>>): FileFacts {
  return { ...read, modifiedAt: instant(read.modifiedAt) };
}
