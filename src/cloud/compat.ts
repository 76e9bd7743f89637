/**
 * Which side Batten takes where Azure's way and the safe way differ: as Azure does, or the safer one. What differs is the closed
 * list of docs/reference/compat.md; each rule stands where it is applied.
 */
export type Compat = 'azure' | 'hardened';

/** Every value, the usual one first. */
export const compats: readonly Compat[] = ['azure', 'hardened'];
