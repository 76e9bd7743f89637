import { type Fault, fault } from '#kernel/fault.ts';

/** Refusals at the door between server and agent. No client of Batten ever sees them. */
export const agentFaults = {
  /** The agent's token is missing or another. */
  notTheAgent: (): Fault => fault(401, 'NotTheAgent', 'The agent token is missing or wrong.'),
  /** A message that cannot be read: agent and server are of different versions. */
  unreadable: (): Fault => fault(400, 'Unreadable', 'The message could not be read.'),
  tooLarge: (): Fault => fault(413, 'TooLarge', 'The message is too large.'),
  noSuchDoor: (): Fault => fault(404, 'NotFound', 'There is nothing at this path.'),
  /** The answer to a file request that nobody waits for any more. */
  notAwaited: (): Fault => fault(410, 'NotAwaited', 'Nobody waits for this file any more.'),
  internal: (): Fault => fault(500, 'InternalError', 'The server could not do it; see its log.'),
} as const;

/** What a file request is told when it cannot be answered from the node. */
export const fileTexts = {
  badPath: 'The path is not a path below the root of the node.',
  notFound: 'There is no such file or directory.',
  isDirectory: 'It is a directory.',
  notDirectory: 'It is not a directory.',
  badRange: 'The range begins after the end of the file.',
  notFile: 'It is neither a file nor a directory.',
  noNode: 'The node does not exist, or is not up.',
  noLauncher: 'The launcher of the node cannot be reached.',
  noAnswer: 'The agent of the node did not answer in time.',
  brokenAnswer: 'The agent of the node ended its answer early.',
  io: (code: string): string => `The node could not read it: ${code}.`,
} as const;

/** Texts of outcomes that the launcher reports. */
export const launcherTexts = {
  emptyCommand: 'The command line is empty.',
  unterminatedQuoteCommand: 'The command line has a quote that does not end.',
  badDirectory: 'The directory of the task is not below the root of the node.',
  programNotFound: (program: string): string => `The program ${program} was not found.`,
  launchFailed: (program: string, code: string): string =>
    `The program ${program} could not be started: ${code}.`,
  prepareFailed: (code: string): string => `The directory of the task could not be made: ${code}.`,
  vanishedWhileAway: 'The launcher was restarted while the command ran; how it ended is not known.',
  vanished: 'The command was started and its process is gone; how it ended is not known.',
  filePathLeaves: 'The file path is empty or leaves the working directory.',
  badFileMode: 'The file mode is not an octal number.',
  notHttp: 'The address is not an http or https address.',
  tooManyRedirects: 'The server redirects too often.',
  answered: (status: number): string => `The server answered ${status}.`,
  fetchBroke: (code: string): string => `The file could not be fetched: ${code}.`,
  egressRefused: (why: string): string => `Files may not be fetched from that address: ${why}.`,
} as const;

/** Why a node is not up. */
export const nodeTexts = {
  silent: 'The agent of the node is not heard of any more.',
  notMade: (code: string): string => `The directories of the node could not be made: ${code}.`,
} as const;
