import { destination, pino } from 'pino';

/** What the operator reads. A line carries names and ids, never a secret, a token or a password hash. */
export interface Log {
  debug(facts: object, line: string): void;
  info(facts: object, line: string): void;
  warn(facts: object, line: string): void;
  error(facts: object, line: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Property names that are replaced wherever they stand one or two levels deep in a log line. */
const secretNames = [
  'authorization',
  'password',
  'secret',
  'clientSecret',
  'client_secret',
  'secretText',
  'access_token',
  'refresh_token',
  'client_assertion',
  'assertion',
  'token',
  'key',
  'primary',
  'secondary',
];

/** A log that writes JSON lines to standard error, or to a file descriptor. */
export function machineLog(level: LogLevel, fileDescriptor = 2): Log {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, base: null, redact: { paths, censor: '<redacted>' } },
    destination({ fd: fileDescriptor, sync: true }),
  );
}

/** A log that says nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
