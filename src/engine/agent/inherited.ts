import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** The flag of a descriptor that `exec` closes (octal in `/proc/PID/fdinfo`). */
const closeOnExec = 0o2000000;

/**
 * Closes what whoever started this process left open besides its three standard streams. Node opens
 * everything of its own with close-on-exec, so what lacks it was inherited; passed on, it would be
 * in the hands of every task.
 */
export function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor <= 2 || !isInherited(descriptor)) continue;
    closeSync(descriptor);
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const facts = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1');
    const flags = /^flags:\s+([0-7]+)$/m.exec(facts);
    return flags !== null && (Number.parseInt(flags[1] ?? '0', 8) & closeOnExec) === 0;
  } catch {
    // The listing's own descriptor is closed by now.
    return false;
  }
}
