import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startChildBatten } from '#app/child-batten.ts';
import { pathsIn } from '#app/data-folder.ts';
import { machineClock } from '#kernel/clock.ts';

/**
 * Tokens of the client credentials grant per second over HTTPS, beside `openssl speed rsa2048`, oidc-provider, oauth2-mock-server and a
 * bare Node server that only signs, in the same run; each round asks all of them, so that a slow minute of the machine is slow for all.
 * Each is warmed up alike before, until V8 has compiled it.
 * `perCore` is what a second of the server's own processor time gives, and `ofSigning` its share of the signatures that OpenSSL makes in
 * one. `node bench/token.ts [seconds] [connections] [rounds]`
 */
const seconds = Number(process.argv[2] ?? 4);
const connections = Number(process.argv[3] ?? 16);
const rounds = Number(process.argv[4] ?? 3);
/** What each server is asked before it is measured: so many tokens, or as many as it gives in so many seconds. */
const warmUp = { tokensMax: 25_000, secondsMax: 10 };
const clock = machineClock();
/** Of Linux, on every machine that it runs on. */
const ticksPerSecond = 100;

interface Server {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
  readonly agent: Agent;
  readonly form: string;
}

interface Measured {
  readonly tokens: number;
  readonly perSecond: number;
  readonly perCore: number;
}

const folder = mkdtempSync(join(tmpdir(), 'batten-bench-'));
const keyFile = join(folder, 'key.pem');
const certificateFile = join(folder, 'certificate.pem');
const batten = await startChildBatten();
const children: ChildProcess[] = [];
try {
  const servers = [battenServer()];
  for (const name of ['oidc-provider', 'oauth2-mock-server', 'bare-node']) {
    servers.push(await rival(name));
  }
  for (const server of servers) {
    const { tokens } = await measure(server, warmUp.secondsMax, warmUp.tokensMax);
    print({ server: server.name, warmUpTokens: tokens });
  }
  for (let round = 0; round < rounds; round++) {
    const signs = signaturesPerSecond();
    print({ openssl: 'rsa2048', signaturesPerSecond: signs });
    for (const server of servers) {
      const { perSecond, perCore } = await measure(server, seconds);
      const ofSigning = Math.round((perCore / signs) * 100) / 100;
      print({ server: server.name, perSecond, perCore, ofSigning });
    }
  }
} finally {
  for (const child of children) child.kill();
  await batten.stop();
  rmSync(folder, { recursive: true });
}

function battenServer(): Server {
  const { env, agent, dataFolder } = batten;
  const word = (name: string): string => env[name] ?? '';
  const { pid } = JSON.parse(readFileSync(pathsIn(dataFolder).server, 'utf8')) as { pid: number };
  return {
    name: 'batten',
    address: `${word('AZURE_AUTHORITY_HOST')}/${word('AZURE_TENANT_ID')}/oauth2/v2.0/token`,
    pid,
    agent: new Agent({ ca: agent.options.ca, keepAlive: true, maxSockets: connections }),
    form: formOf({
      grant_type: 'client_credentials',
      client_id: word('AZURE_CLIENT_ID'),
      client_secret: word('AZURE_CLIENT_SECRET'),
      scope: 'https://batch.core.windows.net//.default',
    }),
  };
}

/** Another server in a process of its own, with a certificate of the same kind. */
async function rival(name: string): Promise<Server> {
  if (children.length === 0) makeCertificate();
  const program = new URL('token-rivals.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, name, keyFile, certificateFile], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [address] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    name,
    address,
    pid: child.pid ?? 0,
    agent: new Agent({
      ca: readFileSync(certificateFile),
      keepAlive: true,
      maxSockets: connections,
    }),
    form: formOf({
      grant_type: 'client_credentials',
      client_id: 'bench',
      client_secret: 'bench-secret',
      scope: 'read',
    }),
  };
}

function makeCertificate(): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', keyFile, '-out', certificateFile];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' });
}

/** Signatures of one core in a second. */
function signaturesPerSecond(): number {
  const words = ['speed', '-mr', '-seconds', '2', 'rsa2048'];
  const { stdout } = spawnSync('openssl', words, { encoding: 'utf8' });
  // `+F2:2:2048:0.000586:0.000017`: seconds for one signature, seconds to verify one.
  const perSignature = Number(/^\+F2:\d+:2048:([\d.e-]+)/m.exec(stdout)?.[1]);
  return Math.round(perSignature < 1 ? 1 / perSignature : perSignature);
}

async function measure(
  server: Server,
  howLong: number,
  tokensMax = Number.POSITIVE_INFINITY,
): Promise<Measured> {
  const end = clock.steadyMilliseconds() + howLong * 1000;
  const start = clock.steadyMilliseconds();
  const busyBefore = processorSeconds(server.pid);
  let tokens = 0;
  const ask = async () => {
    while (clock.steadyMilliseconds() < end && tokens < tokensMax) {
      await oneToken(server);
      tokens += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  const took = (clock.steadyMilliseconds() - start) / 1000;
  const busy = processorSeconds(server.pid) - busyBefore;
  return { tokens, perSecond: Math.round(tokens / took), perCore: Math.round(tokens / busy) };
}

/** Processor time of every thread of a process so far, in seconds. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function oneToken({ address, agent, form, name }: Server): Promise<void> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const sent = request(address, { method: 'POST', agent, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (part: string) => {
        text += part;
      });
      reply.on('end', () => {
        if (reply.statusCode === 200 && text.includes('.')) resolve();
        else reject(new Error(`${name} answered ${reply.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(form);
  });
}

function formOf(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
