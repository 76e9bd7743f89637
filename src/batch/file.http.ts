import type { ByteRange, FileFacts, FilePlace, FileProblem } from '#engine/engine.ts';
import type { Operation, Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { httpDateOf } from '#kernel/instant.ts';
import { type BatchCall, type BatchCaller, type BatchRoom, batchOperation } from './caller.ts';
import { unmetCondition } from './conditional.ts';
import { dated, listReply, objectText, quoted } from './entity.http.ts';
import { invalidHeader } from './faults.ts';
import {
  fileNotFound,
  filesUnavailable,
  invalidRange,
  ioError,
  nodeUnavailable,
  notAFile,
} from './file.faults.ts';
import { matches } from './odata-filter.ts';
import { listQueryOf, pageOf } from './odata-query.ts';
import { batchPermission } from './permission.ts';
import { taskDirectory } from './run.ts';
import { taskOfCall } from './task.http.ts';
import { taskPath } from './task.wire.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/file';

type FilesCall = BatchCall<'jobId' | 'taskId'>;
type FileCall = BatchCall<'jobId' | 'taskId' | 'filePath'>;

/** The operations on the files of a task, read on the node where it ran. */
export const fileOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'File_ListFromTask',
    method: 'GET',
    path: '/jobs/{jobId}/tasks/{taskId}/files',
    permission: batchPermission('jobs/read', 'read'),
    query: ['recursive', '$filter', 'maxresults'],
    reply: { 200: 'json' },
    source: `${source}/list-from-task`,
    handler: filePage,
  }),
  batchOperation({
    id: 'File_GetFromTask',
    method: 'GET',
    path: '/jobs/{jobId}/tasks/{taskId}/files/{filePath}',
    permission: batchPermission('jobs/read', 'read'),
    reply: { 200: 'stream' },
    source: `${source}/get-from-task`,
    handler: getFile,
  }),
  batchOperation({
    id: 'File_GetPropertiesFromTask',
    method: 'HEAD',
    path: '/jobs/{jobId}/tasks/{taskId}/files/{filePath}',
    permission: batchPermission('jobs/read', 'read'),
    reply: { 200: 'empty' },
    source: `${source}/get-properties-from-task`,
    handler: getFileProperties,
  }),
];

async function filePage(call: FilesCall, room: BatchRoom): Promise<Reply | Fault> {
  const query = listQueryOf(call.request, 'taskFiles');
  if (isFault(query)) return query;
  const { filter } = query;
  const found = await placeOf(call, room, '');
  if (isFault(found)) return found;
  const recursive = queryValue(call.request.query, 'recursive')?.toLowerCase() === 'true';
  const files = await room.engine.listFiles(found.place, recursive);
  if ('problem' in files) return faultOf(files);
  const sorted = files.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const page = await pageOf(query, {
    fetch: async (after, rowsMax) => sorted.filter(({ name }) => name > after).slice(0, rowsMax),
    nameOf: ({ name }) => name,
    ...(filter && { fits: (file: FileFacts) => matches(filter, () => file.name) }),
  });
  const base = `${linkBase(call.request.reach)}${found.path}/files/`;
  const texts = page.rows.map((file) => fileText(file, base));
  return listReply(call.request, 'files', texts, page.next);
}

async function getFileProperties(call: FileCall, room: BatchRoom): Promise<Reply | Fault> {
  const found = await placeOf(call, room, call.params.filePath);
  if (isFault(found)) return found;
  const facts = await room.engine.statFile(found.place);
  if ('problem' in facts) return faultOf(facts);
  const refused = unmetCondition(call.request.headers, facts.modifiedAt, 'read');
  if (refused !== undefined) return refused;
  const headers = { ...fileHeaders(call.request, facts), 'Content-Length': String(facts.size) };
  return { status: 200, headers, contentType: contentTypeOf(call.params.filePath) };
}

/** A file, or the part of it that `ocp-range` asks for: 200 either way, as recorded. */
async function getFile(call: FileCall, room: BatchRoom): Promise<Reply | Fault> {
  const range = rangeOf(call.request.headers['ocp-range']);
  if (isFault(range)) return range;
  const found = await placeOf(call, room, call.params.filePath);
  if (isFault(found)) return found;
  const file = await room.engine.readFile(found.place, range);
  if ('problem' in file) return faultOf(file);
  const refused = unmetCondition(call.request.headers, file.facts.modifiedAt, 'read');
  if (refused !== undefined) {
    file.stream.destroy();
    return refused;
  }
  return {
    status: 200,
    headers: fileHeaders(call.request, file.facts),
    stream: file.stream,
    contentType: contentTypeOf(call.params.filePath),
  };
}

/**
 * Where a task's file stands, or why there is none: it did not run, or the path leaves its
 * directory.
 */
async function placeOf(
  call: FilesCall,
  room: BatchRoom,
  filePath: string,
): Promise<{ readonly place: FilePlace; readonly path: string } | Fault> {
  const found = await room.store.read((tx) => taskOfCall(tx, call, room));
  if (isFault(found)) return found;
  const { job, task } = found;
  if (task.poolId === undefined || task.nodeId === undefined) {
    return filesUnavailable('the task has not run on a node');
  }
  const parts = filePath.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || filePath.includes('\\')) return fileNotFound();
  const path = [taskDirectory(job.id, task.id), ...parts].join('/');
  const place = { owner: task.account, pool: fold(task.poolId), node: task.nodeId, path };
  return { place, path: taskPath(job.id, task.id) };
}

/** `bytes=a-b` or `bytes=a-`. */
function rangeOf(header: string | undefined): ByteRange | undefined | Fault {
  if (header === undefined || header.trim() === '') return undefined;
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header.trim());
  if (match === null) return invalidHeader('ocp-range', header);
  const start = Number(match[1]);
  if (match[2] === '' || match[2] === undefined) return { start };
  const end = Number(match[2]);
  return end < start ? invalidHeader('ocp-range', header) : { start, end };
}

function faultOf({ problem, text }: FileProblem): Fault {
  switch (problem) {
    case 'notFound':
    case 'notDirectory':
      return fileNotFound();
    case 'isDirectory':
      return notAFile();
    case 'nodeUnavailable':
      return nodeUnavailable(text);
    case 'badRange':
      return invalidRange();
    case 'ioError':
      return ioError(text);
  }
}

/**
 * A file has a date and no ETag (recorded). What a task wrote is never shown as a page of Batten's own
 * origin, whatever opens its address; Azure, where accounts are origins of their own, says no more
 * than `nosniff`.
 */
function fileHeaders(request: HttpRequest, facts: FileFacts): Readonly<Record<string, string>> {
  const address = `${request.reach.origin}${decodedOnce(request)}`;
  return {
    'Last-Modified': httpDateOf(facts.modifiedAt),
    'ocp-batch-file-isdirectory': facts.isDirectory ? 'True' : 'False',
    'ocp-batch-file-mode': modeText(facts),
    'ocp-batch-file-url': encodeURIComponent(address),
    'Content-Disposition': 'attachment',
    'Content-Security-Policy': 'sandbox',
  };
}

/**
 * The whole path is encoded once more as one text, so an encoded slash in it must not be encoded
 * twice.
 */
function decodedOnce(request: HttpRequest): string {
  try {
    return decodeURIComponent(request.target.path);
  } catch {
    return request.target.path;
  }
}

function fileText(file: FileFacts, base: string): string {
  const properties = objectText([
    ['lastModified', dated(file.modifiedAt)],
    ['contentLength', quoted(String(file.size))],
    ['contentType', quoted(contentTypeOf(file.name))],
    ['fileMode', quoted(modeText(file))],
  ]);
  return objectText([
    ['name', quoted(file.name)],
    ['url', quoted(`${base}${encodeURIComponent(file.name)}`)],
    ['isDirectory', String(file.isDirectory)],
    ['properties', file.isDirectory ? undefined : properties],
  ]);
}

function modeText({ mode }: FileFacts): string {
  return `0o${mode.toString(8).padStart(6, '0')}`;
}

function contentTypeOf(name: string): string {
  return name.toLowerCase().endsWith('.txt') ? 'text/plain' : 'application/octet-stream';
}
