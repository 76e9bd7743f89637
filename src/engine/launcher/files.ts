import { constants, type Dirent } from 'node:fs';
import { lstat, open, opendir, realpath, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type FileFacts, filesListedMax } from '#engine/engine.ts';
import { fileTexts } from '#engine/faults.ts';
import type { FileHead, FileMessage } from '#engine/node-message.ts';
import { pathBelow } from '#engine/paths.ts';
import { type Instant, instantOfMilliseconds } from '#kernel/instant.ts';
import { systemCodeOf } from './error-code.ts';

/**
 * Answers a file request on its own connection: one line of JSON, then the bytes of the file or a
 * line for each entry, then the end. It runs inside the sandbox, and a symbolic link that leads out
 * of the node's root shows nothing. The socket's pace is the reader's.
 */
export async function answerFile(
  message: FileMessage,
  nodesFolder: string,
  socket: Socket,
): Promise<void> {
  try {
    await answer(message, nodesFolder, socket);
  } catch (error) {
    if (socket.bytesWritten === 0 && socket.writable) {
      const head: FileHead = { problem: 'ioError', text: fileTexts.io(systemCodeOf(error)) };
      socket.write(`${JSON.stringify(head)}\n`);
    }
  } finally {
    // An answer that broke off is shorter than its head promised; the reader sees that.
    socket.end();
  }
}

async function answer(message: FileMessage, nodesFolder: string, socket: Socket): Promise<void> {
  const root = nodeRoot(nodesFolder, message);
  const path = root === undefined ? undefined : pathBelow(root, message.path);
  if (root === undefined || path === undefined) {
    return say(socket, { problem: 'notFound', text: fileTexts.badPath });
  }
  const facts = (await leadsBelow(root, path)) ? await factsOf(path, '') : undefined;
  if (facts === undefined) return say(socket, { problem: 'notFound', text: fileTexts.notFound });
  switch (message.verb) {
    case 'stat':
      return say(socket, { facts, length: 0 });
    case 'list':
      if (!facts.isDirectory) {
        return say(socket, { problem: 'notDirectory', text: fileTexts.notDirectory });
      }
      await say(socket, { facts, length: 0 });
      return list(root, path, message.recursive, socket);
    case 'read':
      return read(message, root, path, socket, facts);
  }
}

/**
 * The root directory of a node below the folder of all nodes; undefined when a name is no path
 * segment.
 */
export function nodeRoot(
  nodesFolder: string,
  node: { readonly owner: string; readonly pool: string; readonly node: string },
): string | undefined {
  const names = [node.owner, node.pool, node.node];
  if (names.some((name) => name === '' || name.includes('/'))) return undefined;
  return pathBelow(nodesFolder, names.join('/'));
}

async function read(
  message: FileMessage,
  root: string,
  path: string,
  socket: Socket,
  facts: FileFacts,
): Promise<void> {
  if (facts.isDirectory) {
    return say(socket, { problem: 'isDirectory', text: fileTexts.isDirectory });
  }
  // Opening a pipe or a device would wait for ever.
  if ((facts.mode & typeBits) !== regularFile) {
    return say(socket, { problem: 'ioError', text: fileTexts.notFile });
  }
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // A task may have put a link in its place since it was looked at; what was opened is what counts.
  if (!(await leadsBelow(root, `/proc/self/fd/${file.fd}`))) {
    return say(socket, { problem: 'notFound', text: fileTexts.notFound });
  }
  const start = message.start ?? 0;
  const end = Math.min(message.end ?? facts.size - 1, facts.size - 1);
  if (message.start !== undefined && (start >= facts.size || end < start)) {
    return say(socket, { problem: 'badRange', text: fileTexts.badRange });
  }
  const length = Math.max(0, end - start + 1);
  await say(socket, { facts, length });
  if (length > 0) await pipeline(file.createReadStream({ start, end }), socket, { end: false });
}

/** True when what a path means, after all links, lies below a root. */
async function leadsBelow(root: string, path: string): Promise<boolean> {
  try {
    const [top, place] = await Promise.all([realpath(root), realpath(path)]);
    return place === top || place.startsWith(`${top}/`);
  } catch {
    return false;
  }
}

/** Walks a directory; links are followed for their facts and never walked into. */
async function list(
  nodeTop: string,
  root: string,
  recursive: boolean,
  socket: Socket,
): Promise<void> {
  const waiting = [''];
  let count = 0;
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    for await (const entry of await opendir(join(root, at))) {
      const name = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isSymbolicLink() && !(await leadsBelow(nodeTop, join(root, name)))) continue;
      const facts = await factsOf(join(root, name), name);
      if (facts === undefined) continue;
      if (++count > filesListedMax) return;
      await say(socket, facts);
      if (recursive && isRealDirectory(entry)) waiting.push(name);
    }
  }
}

function isRealDirectory(entry: Dirent): boolean {
  return entry.isDirectory() && !entry.isSymbolicLink();
}

async function factsOf(path: string, name: string): Promise<FileFacts | undefined> {
  const found = await stat(path).catch(() => lstat(path).catch(() => undefined));
  if (found === undefined || found.isSymbolicLink()) return undefined;
  const modifiedAt: Instant = instantOfMilliseconds(Math.max(0, Math.trunc(found.mtimeMs)));
  const { size, mode } = found;
  return { name, isDirectory: found.isDirectory(), size, modifiedAt, mode };
}

function say(socket: Socket, message: FileHead | FileFacts): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(`${JSON.stringify(message)}\n`, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}

/** The bits of a POSIX mode that tell what a thing is, and those of a regular file. */
const typeBits = 0o170000;
const regularFile = 0o100000;
