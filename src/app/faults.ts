/**
 * Why Batten does not start, or why a command cannot be run: one line for the person who typed it. The command line prints
 * the message and ends with the code; it is not a bug, so no stack is shown.
 */
export class StartRefusal extends Error {
  readonly exitCode: number;

  constructor(line: string, exitCode = 1) {
    super(line);
    this.exitCode = exitCode;
  }
}

/** The port cannot be had because somebody else listens there. */
export function portInUse(host: string, port: number): StartRefusal {
  return new StartRefusal(
    `port ${port} on ${host} is in use; stop what listens there, or choose another with --port`,
  );
}

/** The address or port cannot be listened on for another reason. */
export function cannotListen(host: string, port: number, reason: string): StartRefusal {
  return new StartRefusal(`cannot listen on ${host} port ${port}: ${reason}`);
}

/** Another live server holds the data folder. */
export function dataInUse(folder: string): StartRefusal {
  return new StartRefusal(
    `another Batten is running on ${folder}; stop it, or choose another folder with --data`,
  );
}

/** The data folder cannot be made, read or written. */
export function dataUnreadable(folder: string, reason: string): StartRefusal {
  return new StartRefusal(`the data folder ${folder} cannot be used: ${reason}`);
}

/** The sealing key is not what it must be. Says nothing of its content. */
export function badKeyFile(path: string, reason: string): StartRefusal {
  return new StartRefusal(`the key file ${path} cannot be used: ${reason}`);
}

/** The certificates for outside issuers cannot be read. */
export function badIssuerCertificates(path: string, reason: string): StartRefusal {
  return new StartRefusal(
    `the certificates for outside issuers in ${path} cannot be used: ${reason}`,
  );
}

/** What was sealed does not open: the key is another one than that which closed it. */
export function wrongKey(folder: string): StartRefusal {
  return new StartRefusal(
    `the data folder ${folder} was sealed with another key; set BATTEN_KEY_FILE to the one it was made with`,
  );
}

/** Tasks would run without isolation for callers from other machines. */
export function unisolatedBeyondLoopback(host: string): StartRefusal {
  return new StartRefusal(
    `this machine gives no user namespaces, so tasks could read Batten's keys; that is allowed on loopback only, not on ${host}. Allow unprivileged user namespaces, install bubblewrap, or leave --host out`,
  );
}

/** The data were written by a newer Batten. */
export function newerData(reason: string): StartRefusal {
  return new StartRefusal(reason);
}

/** The seed file cannot be used; nothing was stored. */
export function badSeed(path: string, reason: string): StartRefusal {
  return new StartRefusal(`the seed file ${path} cannot be used: ${reason}`);
}

/** No tenant trusts the issuer, so the trust cannot be taken away. */
export function issuerNotTrusted(issuer: string): StartRefusal {
  return new StartRefusal(`no tenant trusts the issuer ${issuer}`);
}

/** A setting has a value that it cannot have. */
export function badSetting(name: string, value: string, expected: string): StartRefusal {
  return new StartRefusal(`${name} is ${JSON.stringify(value)}; it must be ${expected}`, 2);
}

/** `env` has nothing to print, since `up` never ran on the folder. */
export function notPrepared(folder: string): StartRefusal {
  return new StartRefusal(`Batten has not run on ${folder} yet; start it once with batten up`);
}

/** The folder has no ready identity to hand out. */
export function noReadyIdentity(folder: string): StartRefusal {
  return new StartRefusal(
    `${folder} has no ready identity: its seed names none, or it was made for a host beyond loopback without --ready-identity`,
  );
}

/** `run --identity` names nothing. */
export function noSuchIdentity(identity: string): StartRefusal {
  return new StartRefusal(
    `there is no managed identity ${identity}: give the name of one in the ready subscription, or the resource id of one or of a resource that has its own`,
  );
}

/** `run --identity` names several identities of different resource groups. */
export function severalIdentities(name: string): StartRefusal {
  return new StartRefusal(
    `several resource groups have a managed identity ${name}: give its resource id`,
  );
}

/** The command of `run` cannot be started: 127 when it is not there, 126 when it cannot be executed. */
export function cannotRun(command: string, reason: string, isMissing: boolean): StartRefusal {
  return new StartRefusal(`cannot run ${command}: ${reason}`, isMissing ? 127 : 126);
}

/** Civil time was moved on this folder, and this server would judge by another. */
export function movedClock(folder: string): StartRefusal {
  return new StartRefusal(
    `the clock of ${folder} was moved; start with --dev-clock, or put it right first: batten clock reset --data '${folder}'`,
  );
}

/** `run` asked for another side than that of the Batten that is running. */
export function otherCompat(folder: string, found: string): StartRefusal {
  return new StartRefusal(
    `the Batten on ${folder} runs with --compat ${found}; start that one otherwise, or leave --compat out`,
  );
}

/** The clock of this server may not be moved. */
export function clockStands(): StartRefusal {
  return new StartRefusal(
    'the clock of this Batten goes with the machine; only one that was started with up --dev-clock can be moved',
  );
}

/** Civil time may not be moved so far. */
export function clockOutOfRange(earliest: string, latest: string): StartRefusal {
  return new StartRefusal(`the clock can be moved from ${earliest} to before ${latest} only`, 2);
}

/** A command is for a live server, and there is none. */
export class NotRunning extends StartRefusal {}

/** Makes it, with the folder that was looked at. */
export function notRunning(folder: string): NotRunning {
  return new NotRunning(`no Batten is running on ${folder}; start it with batten up`);
}

/** The live server took a command and said nothing. */
export function serverSilent(folder: string, seconds: number): StartRefusal {
  return new StartRefusal(`the Batten on ${folder} did not answer within ${seconds} s`);
}

/** The live server did not do what it was told, in its own words. */
export function refusedByServer({ line, exitCode }: ControlRefusal): StartRefusal {
  return new StartRefusal(line, exitCode);
}

/** What the control channel answers when a command was not done. */
export interface ControlRefusal {
  readonly status: number;
  /** One line for the person. */
  readonly line: string;
  readonly exitCode: number;
}

/** The command refused. */
export function controlRefused({ message, exitCode }: StartRefusal): ControlRefusal {
  return { status: 409, line: message, exitCode };
}

/** The server has no such command, or cannot read what was sent: it is of another version than the command line. */
export const controlUnknown: ControlRefusal = {
  status: 404,
  line: 'the running Batten does not know this command; it is of another version',
  exitCode: 1,
};

/** A bug was caught; the log has it. */
export const controlFailed: ControlRefusal = {
  status: 500,
  line: 'the running Batten could not do it; its log says why',
  exitCode: 1,
};

/** What the proxy of `run` says no with. */
export interface ProxyRefusal {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
}

/** The proxy was used without its credential. */
export const proxyUnauthorized: ProxyRefusal = {
  status: 407,
  reason: 'Proxy Authentication Required',
  text: 'This proxy belongs to one batten run and needs the credential that is in its URL.\n',
};

/** A host that Batten does not answer for. */
export function proxyForeignHost(host: string): ProxyRefusal {
  return {
    status: 403,
    reason: 'Forbidden',
    text: `Batten does not answer for ${host}; batten run --allow-internet lets the command reach other hosts.\n`,
  };
}

/** An address of Azure that Batten does not serve: it is not reached for real either, whatever is allowed. */
export function proxyUnservedAzure(host: string, port: number): ProxyRefusal {
  return {
    status: 403,
    reason: 'Forbidden',
    text: `Batten does not answer for ${host} on port ${port}, and what is meant for Azure is not let out.\n`,
  };
}

/** An Azure host over plain HTTP, where a token could be read on the way. */
export function proxyPlainAzure(host: string): ProxyRefusal {
  return { status: 403, reason: 'Forbidden', text: `${host} is answered over https only.\n` };
}

/** A target that a proxy cannot take. */
export const proxyBadTarget: ProxyRefusal = {
  status: 400,
  reason: 'Bad Request',
  text: 'A proxy takes CONNECT host:port, or a target that begins with http:// or https://.\n',
};

/** The other side could not be reached. */
export function proxyUnreachable(host: string): ProxyRefusal {
  return { status: 502, reason: 'Bad Gateway', text: `${host} could not be reached.\n` };
}

/** What a plain HTTP request on the port is told. */
export const tlsOnly = {
  status: 400,
  text: 'Batten speaks TLS on this port: use https://.\n',
} as const;
