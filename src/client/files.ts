import type { Readable } from 'node:stream';
import { type BatchCall, type Connection, segment } from './connection.ts';
import type { ListOptions } from './options.ts';
import { discard, textOfReply } from './transport.ts';
import type { NodeFile } from './wire.gen.ts';

/** What the headers of a file say. */
export interface FileFacts {
  /** Size in bytes; absent when the service did not say. */
  readonly contentLength?: number;
  readonly contentType?: string;
  /** Octal, `0o100644`; only on Linux nodes. */
  readonly fileMode?: string;
  readonly isDirectory: boolean;
  /** RFC 1123, as sent. */
  readonly lastModified?: string;
}

export interface FileOptions {
  /** Bytes to read, both ends included; `end` absent means to the end of the file. */
  readonly range?: { readonly start: number; readonly end?: number };
  readonly signal?: AbortSignal;
}

/** Files of a task on the node where it ran. Source: https://learn.microsoft.com/rest/api/batchservice/tasks/list-task-files */
export interface FileOperations {
  /** Entries of the task's directory; with `recursive`, of all directories below. */
  list(
    jobId: string,
    taskId: string,
    options?: ListOptions & { readonly recursive?: boolean },
  ): AsyncIterable<NodeFile>;
  facts(jobId: string, taskId: string, filePath: string): Promise<FileFacts>;
  /** The bytes of a file; the stream must be read or destroyed. */
  stream(jobId: string, taskId: string, filePath: string, options?: FileOptions): Promise<Readable>;
  /** A file as text in UTF-8. */
  text(jobId: string, taskId: string, filePath: string, options?: FileOptions): Promise<string>;
}

/** The file operations over a connection. */
export function fileOperations(connection: Connection): FileOperations {
  const all = (jobId: string, taskId: string): string =>
    `/jobs/${segment(jobId)}/tasks/${segment(taskId)}/files`;
  const reading = (path: string, options: FileOptions): BatchCall => ({
    method: 'GET',
    path,
    headers: { accept: '*/*', ...rangeOf(options) },
    signal: options.signal,
  });
  return {
    list: (jobId, taskId, options = {}) =>
      connection.list(all(jobId, taskId), options, { recursive: options.recursive }),
    facts: async (jobId, taskId, filePath) => {
      const path = `${all(jobId, taskId)}/${segment(filePath)}`;
      const reply = await connection.open({ method: 'HEAD', path });
      discard(reply);
      return factsOf(reply.headers);
    },
    stream: async (jobId, taskId, filePath, options = {}) => {
      const path = `${all(jobId, taskId)}/${segment(filePath)}`;
      return (await connection.open(reading(path, options))).stream;
    },
    text: async (jobId, taskId, filePath, options = {}) => {
      const path = `${all(jobId, taskId)}/${segment(filePath)}`;
      return textOfReply(await connection.open(reading(path, options)));
    },
  };
}

function rangeOf(options: FileOptions): Readonly<Record<string, string>> {
  const { range } = options;
  return range === undefined ? {} : { 'ocp-range': `bytes=${range.start}-${range.end ?? ''}` };
}

function factsOf(headers: Readonly<Record<string, string | string[] | undefined>>): FileFacts {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const length = text('content-length');
  const type = text('content-type');
  const mode = text('ocp-batch-file-mode');
  const modified = text('last-modified');
  return {
    isDirectory: text('ocp-batch-file-isdirectory')?.toLowerCase() === 'true',
    ...(length === undefined ? {} : { contentLength: Number(length) }),
    ...(type === undefined ? {} : { contentType: type }),
    ...(mode === undefined ? {} : { fileMode: mode }),
    ...(modified === undefined ? {} : { lastModified: modified }),
  };
}
