#!/usr/bin/env node
// Starts Batten. This file is plain JavaScript, so that an old Node can read it and say what is
// missing; it becomes a Node 24 process by itself where a clone has installed one.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR_MIN = 24;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'dist', 'cli', 'main.js');
const source = join(root, 'src', 'cli', 'main.ts');
const ownNode = join(root, 'node_modules', 'node', 'bin', 'node');

start();

function start() {
  const isBuilt = existsSync(built);
  if (!isBuilt && !existsSync(join(root, 'node_modules'))) {
    return refuse(`Batten's dependencies are not installed: run npm ci first, in ${root}.`);
  }
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    if (existsSync(ownNode) && realpathSync(ownNode) !== realpathSync(process.execPath)) {
      return continueUnder(ownNode);
    }
    return refuse(
      `Batten needs Node ${NODE_MAJOR_MIN} or later and this is ${process.version}: ` +
        `install it from https://nodejs.org or with "nvm install ${NODE_MAJOR_MIN}".`,
    );
  }
  if (!isBuilt && !existsSync(source)) {
    return refuse(`Batten's command is missing: neither ${built} nor ${source} exists.`);
  }
  if (typeof module.enableCompileCache === 'function') module.enableCompileCache();
  return import(pathToFileURL(isBuilt ? built : source).href);
}

/** @param {string} line */
function refuse(line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

/**
 * Runs the same command under another Node and ends as that one ends.
 * @param {string} node
 */
function continueUnder(node) {
  const script = fileURLToPath(import.meta.url);
  const args = [...process.execArgv, script, ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  // A terminal sends its own SIGINT to parent and child alike; passing it on would count twice.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => refuse(`Batten could not start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) return process.exit(code === null ? 1 : code);
    process.removeAllListeners(signal);
    return process.kill(process.pid, signal);
  });
}
