import { fold } from '#kernel/ids.ts';

/**
 * True when a permission string covers an action. Case does not count. One `*` spans any number of
 * segments; where it stands alone between two slashes it also spans none: the pattern that excludes
 * deleting anything in a workspace excludes `workspaces/delete` too, since documented roles only
 * make sense that way. A second `*` is an ordinary character, and no action has one.
 * Source:
 * https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties
 * UNVERIFIED: zero segments; asking Azure's checkAccess about such a role would settle it.
 */
export function patternCovers(pattern: string, action: string): boolean {
  const folded = fold(pattern);
  const asked = fold(action);
  const star = folded.indexOf('*');
  if (star < 0) return folded === asked;
  const head = folded.slice(0, star);
  const tail = folded.slice(star + 1);
  if (!asked.startsWith(head) || !asked.endsWith(tail)) return false;
  if (asked.length >= head.length + tail.length) return true;
  return head.endsWith('/') && tail.startsWith('/') && asked === head + tail.slice(1);
}

/** The first of several permission strings that covers an action; undefined when none does. */
export function coveringPattern(patterns: readonly string[], action: string): string | undefined {
  return patterns.find((pattern) => patternCovers(pattern, action));
}
