import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '#http/body.ts';
import { type RawHandler, rawTargetOf } from '#http/listen.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import { agentFaults } from './faults.ts';
import { readJson, shape, text } from './message.ts';
import type { NodeFiles } from './node-files.ts';
import { messageBytesMax, type PollMessage, type PollReply, pollMessage } from './protocol.ts';

/** What the door of the agents needs. */
export interface AgentDoorParts {
  readonly token: string;
  readonly poll: (message: PollMessage) => Promise<PollReply>;
  readonly wake: (session: string) => void;
  /** A poll of this session broke off before it was answered. */
  readonly broken: (session: string) => void;
  readonly files: NodeFiles;
  readonly log: Log;
}

type Answer = PollReply | 'done' | Fault;

/** The endpoint that agents poll: three paths, each of which wants the agent's token. */
export function agentDoor(parts: AgentDoorParts): RawHandler {
  const expected = Buffer.from(`Bearer ${parts.token}`);
  return async (request, response) => {
    let answer: Answer;
    try {
      const shown = Buffer.from(request.headers.authorization ?? '');
      const isAgent = shown.length === expected.length && timingSafeEqual(shown, expected);
      answer = isAgent ? await serve(parts, request, response) : agentFaults.notTheAgent();
    } catch (error) {
      parts.log.error({ error: String(error) }, 'a bug was caught while answering the agent');
      answer = agentFaults.internal();
    }
    say(response, answer);
  };
}

const wakeMessage = shape({ session: text(64) });
const filesPath = '/v1/files/';

async function serve(
  parts: AgentDoorParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  const path = rawTargetOf(request);
  if (path.startsWith(filesPath)) {
    const taken = await parts.files.take(path.slice(filesPath.length), request);
    return taken ? 'done' : agentFaults.notAwaited();
  }
  if (path !== '/v1/poll' && path !== '/v1/wake') return agentFaults.noSuchDoor();
  const body = await readBody(request, messageBytesMax);
  if (body.kind !== 'read') return agentFaults.tooLarge();
  const json = body.bytes.toString('utf8');
  if (path === '/v1/wake') {
    const message = readJson(wakeMessage, json);
    if (message === undefined) return agentFaults.unreadable();
    parts.wake(message.session);
    return 'done';
  }
  const message = readJson(pollMessage, json);
  if (message === undefined) return agentFaults.unreadable();
  // An agent that died does not wait any more, and another one is to be started at once.
  response.once('close', () => {
    if (!response.writableFinished) parts.broken(message.session);
  });
  return parts.poll(message);
}

function say(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  const isRefused = answer !== 'done' && isFault(answer);
  const status = isRefused ? answer.status : 200;
  const body = isRefused ? { code: answer.code, message: answer.message } : answer;
  // A body that was not read to its end would be taken for the next request.
  const headers = isRefused ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
