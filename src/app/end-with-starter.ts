import { rmSync } from 'node:fs';

/*
 * Loaded before the command of a `ChildBatten`. Whoever started it holds the other end of its standard input, which the operating system
 * closes however that process ends; then this one ends as by SIGTERM, and its data folder goes with it.
 */
process.stdin.once('close', () => {
  const dataFolder = process.argv[process.argv.indexOf('--data') + 1];
  process.once('exit', () => {
    if (dataFolder !== undefined) rmSync(dataFolder, { recursive: true, force: true });
  });
  process.kill(process.pid, 'SIGTERM');
});
process.stdin.resume();
