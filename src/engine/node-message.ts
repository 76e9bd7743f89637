import type { NodeKey } from './engine.ts';
import { either, type ReadBy, type Reader, shape, text, truth, whole, word } from './message.ts';

/*
 * What server, agent and launcher say to each other of nodes and their files, within the messages of `protocol.ts`.
 */

/** A path of a node's file, or of a task's directory, in characters. */
export const pathLengthMax = 4096;

const name = text(256);
const nodeNames = { owner: name, pool: name, node: name } as const;

/** What the messages about a node in one of its lives have of it. */
export const nodeShape = { ...nodeNames, epoch: whole } as const;

/** A node in one of its lives: the epoch changes when the same name is declared again. */
export interface NodeLife extends NodeKey {
  readonly epoch: number;
}

/** Reads a node in one of its lives. */
export const nodeLife: Reader<NodeLife> = shape(nodeShape);

/**
 * Remove a directory of a node, unless it was made after `before` (microseconds): then it is
 * another task's.
 */
export interface ForgetMessage extends NodeKey {
  readonly id: string;
  readonly path: string;
  readonly before: number;
}

/** Reads a forget. */
export const forgetMessage: Reader<ForgetMessage> = shape({
  id: text(64),
  ...nodeNames,
  path: text(pathLengthMax),
  before: whole,
});

/**
 * Look at a node's file. The answer is one line of JSON (`FileHead`), then bytes or lines of
 * `FileFacts`.
 */
export interface FileMessage extends NodeKey {
  readonly id: string;
  readonly verb: 'stat' | 'list' | 'read';
  readonly path: string;
  readonly recursive: boolean;
  readonly start?: number;
  readonly end?: number;
}

/** Reads a file request. */
export const fileMessage: Reader<FileMessage> = shape(
  {
    id: text(64),
    ...nodeNames,
    verb: word('stat', 'list', 'read'),
    path: text(pathLengthMax),
    recursive: truth,
  },
  { start: whole, end: whole },
);

/** What stands at the place, and how many bytes follow; or why not. */
export const fileFacts = shape({
  name: text(pathLengthMax),
  isDirectory: truth,
  size: whole,
  modifiedAt: whole,
  mode: whole,
});

/** The first line of the answer to a file request. */
export const fileHead = either(
  shape({
    problem: word(
      'notFound',
      'isDirectory',
      'notDirectory',
      'nodeUnavailable',
      'badRange',
      'ioError',
    ),
    text: text(),
  }),
  shape({ facts: fileFacts, length: whole }),
);
/** What stands in the first line of the answer to a file request. */
export type FileHead = ReadBy<typeof fileHead>;

/** Reads what became of a node that the server asked for. */
export const nodeReport = either(
  shape({ ...nodeShape, state: word('ready'), rootDirectory: text(pathLengthMax) }),
  shape({ ...nodeShape, state: word('failed'), reason: text() }),
  shape({ ...nodeShape, state: word('gone') }),
);
/** What became of a node that the server asked for. */
export type NodeReport = ReadBy<typeof nodeReport>;
