import type { Socket } from 'node:net';

/**
 * Lines of JSON over a socket, gathered in both directions: everything said in one turn of the
 * event loop is one write. `said` gets each line; a line longer than `lineBytesMax` ends the
 * connection.
 */
export function lineChannel(
  socket: Socket,
  lineBytesMax: number,
  said: (line: string) => void,
): (message: object) => void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) said(line);
    if (rest.length > lineBytesMax) socket.destroy();
  });
  let waiting: string[] = [];
  return (message) => {
    if (waiting.length === 0) {
      setImmediate(() => {
        const text = waiting.join('');
        waiting = [];
        if (socket.writable) socket.write(text);
      });
    }
    waiting.push(`${JSON.stringify(message)}\n`);
  };
}
