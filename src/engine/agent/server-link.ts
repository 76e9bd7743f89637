import { Agent as HttpAgent, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readJson } from '#engine/message.ts';
import { socketName } from '#engine/paths.ts';
import { messageBytesMax, type PollMessage, type PollReply, pollReply } from '#engine/protocol.ts';

/** The agent's way to its server: JSON over HTTP on a Unix socket, with the agent's token. */
export class ServerLink {
  readonly #path: string;
  readonly #token: string;
  readonly #connections = new HttpAgent({ keepAlive: true, maxSockets: 64 });

  constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** One poll. Undefined when the server could not be reached or did not understand. */
  async poll(message: PollMessage): Promise<PollReply | undefined> {
    const answer = await this.#post('/v1/poll', JSON.stringify(message)).catch(() => undefined);
    return answer === undefined ? undefined : readJson(pollReply, answer);
  }

  /** Asks the server to answer the poll that waits; false when it could not be reached. */
  wake(session: string): Promise<boolean> {
    return this.#post('/v1/wake', JSON.stringify({ session })).then(
      () => true,
      () => false,
    );
  }

  /** Hands the answer to a file request over as it comes, at the server's pace. */
  async answerFile(id: string, answer: Readable): Promise<void> {
    const going = this.#request(`/v1/files/${id}`);
    going.on('response', (response) => response.resume());
    await pipeline(answer, going).catch(() => {
      answer.destroy();
    });
  }

  close(): void {
    this.#connections.destroy();
  }

  #request(path: string): ReturnType<typeof request> {
    return request({
      socketPath: socketName(this.#path),
      path,
      method: 'POST',
      agent: this.#connections,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
    });
  }

  #post(path: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const going = this.#request(path);
      going.on('error', reject);
      going.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > messageBytesMax) response.destroy(new Error('too long'));
        });
        response.on('error', reject);
        response.on('close', () => reject(new Error('cut off')));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`status ${response.statusCode}`));
        });
      });
      going.end(body);
    });
  }
}
