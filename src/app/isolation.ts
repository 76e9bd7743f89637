import { isLoopback } from './config.ts';
import { type StartRefusal, unisolatedBeyondLoopback } from './faults.ts';

/** How the machine keeps tasks apart from Batten, as its node agent found. */
export type Isolation = 'node' | 'task' | 'none';

/** What the operator must know: nothing, a line to read, or why Batten may not go on. */
export type IsolationNotice =
  | { readonly kind: 'fine' }
  | { readonly kind: 'banner'; readonly text: string }
  | { readonly kind: 'refused'; readonly refusal: StartRefusal };

const banner = `
  !! Tasks run WITHOUT isolation on this machine: it gives no user namespaces.
  !! Whoever may add a task can read Batten's keys and your own files. Use it for your own work only.

`;

/** Without isolation Batten serves its own user alone: a banner on loopback, and an end beyond it. */
export function isolationNotice(isolation: Isolation, host: string): IsolationNotice {
  if (isolation !== 'none') return { kind: 'fine' };
  if (isLoopback(host)) return { kind: 'banner', text: banner };
  return { kind: 'refused', refusal: unisolatedBeyondLoopback(host) };
}
