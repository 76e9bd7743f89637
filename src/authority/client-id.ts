import type { Fault } from '#kernel/fault.ts';
import { invalidInput, missingParameter } from './faults.ts';

/** The `client_id` of a request, or why it names nobody. */
export function readClientId(text: string | undefined): string | Fault {
  if (text === undefined || text === '') return missingParameter('client_id');
  return hasMarkup(text) ? invalidInput() : text;
}

/** True for what names nothing and might be shown on a page, such as the `<client id>` of a sample. */
export function hasMarkup(text: string): boolean {
  return /[<>]/.test(text);
}
