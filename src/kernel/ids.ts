/** A text that names one kind of thing only: a `Branded<'TenantId'>` is not a `Branded<'AppId'>`. */
export type Branded<Kind extends string> = string & { readonly __brand: Kind };

/** True for a GUID in the usual form with dashes, of either case. */
export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/**
 * The folded form of a name, used for uniqueness and order: Azure's names are compared without regard to case. Only ASCII
 * letters fold, so that folding never depends on the locale.
 */
export function fold(name: string): string {
  // Most names are folded already.
  if (!/[A-Z]/.test(name)) return name;
  return name.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** True when two names are the same to Azure. */
export function sameName(left: string, right: string): boolean {
  return left === right || fold(left) === fold(right);
}
