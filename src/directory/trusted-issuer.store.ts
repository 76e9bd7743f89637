import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** How a claim of an outside issuer names a principal of the tenant. */
export type PrincipalNaming = 'objectId' | 'userPrincipalName' | 'appId';

/** The claim of a token that says who its holder is. */
export interface PrincipalRule {
  readonly claim: string;
  readonly names: PrincipalNaming;
}

/** Which groups of the tenant the holder of a token is in beside those of the directory. */
export interface GroupRule {
  readonly claim: string;
  /** Object ids of groups by value of the claim; without it a value is itself an object id. */
  readonly groupIds?: Readonly<Record<string, string>>;
}

/**
 * An OpenID Connect issuer outside of Batten whose access tokens a tenant accepts. The tenant keeps
 * who may do what; the issuer only says who is calling.
 */
export interface TrustedIssuer {
  /** Exactly as in `iss` and in the issuer's own metadata. */
  readonly issuer: string;
  readonly tenantId: string;
  /** Audiences that count at a surface (`batch`, `arm`, `graph`); a surface that is left out accepts no token. */
  readonly audiences: Readonly<Record<string, readonly string[]>>;
  /** The first rule whose claim a token has decides alone. */
  readonly principals: readonly PrincipalRule[];
  /** Object ids of principals by subject; they go before the rules. */
  readonly subjects: Readonly<Record<string, string>>;
  readonly groups?: GroupRule;
}

/**
 * Lets a tenant trust an issuer. False when a tenant trusts it already: a token of an outside issuer
 * does not say for which tenant of Batten it is.
 */
export async function addTrustedIssuer(
  tx: WriteTransaction,
  trusted: TrustedIssuer,
): Promise<boolean> {
  const { issuer, tenantId } = trusted;
  return (await tx.run(insert, issuer, tenantId, JSON.stringify(trusted))) > 0;
}

/**
 * Lets a tenant trust an issuer, in place of what it said of the same issuer before. False when
 * another tenant trusts it.
 */
export async function putTrustedIssuer(
  tx: WriteTransaction,
  trusted: TrustedIssuer,
): Promise<boolean> {
  const present = await findTrustedIssuer(tx, trusted.issuer);
  if (present === undefined) return addTrustedIssuer(tx, trusted);
  if (present.tenantId !== trusted.tenantId) return false;
  await tx.run(update, JSON.stringify(trusted), trusted.issuer);
  return true;
}

/** Ends the trust in an issuer: its next token is refused. False when nobody trusts it. */
export async function removeTrustedIssuer(tx: WriteTransaction, issuer: string): Promise<boolean> {
  return (await tx.run(remove, issuer)) > 0;
}

/** Every issuer that some tenant trusts, by its text. */
export async function listTrustedIssuers(tx: ReadTransaction): Promise<readonly TrustedIssuer[]> {
  return (await tx.all(all)).map(({ document }) => JSON.parse(document) as TrustedIssuer);
}

/** The trust in an issuer, written exactly so. */
export async function findTrustedIssuer(
  tx: ReadTransaction,
  issuer: string,
): Promise<TrustedIssuer | undefined> {
  const row = await tx.one(byIssuer, issuer);
  return row === undefined ? undefined : (JSON.parse(row.document) as TrustedIssuer);
}

const insert = statement(
  'trustedIssuer.insert',
  `INSERT INTO trusted_issuer (issuer, tenant_id, document) VALUES (?, ?, ?)
   ON CONFLICT DO NOTHING`,
);

const byIssuer = statement<{ readonly document: string }>(
  'trustedIssuer.byIssuer',
  'SELECT document FROM trusted_issuer WHERE issuer = ?',
);

const update = statement(
  'trustedIssuer.update',
  'UPDATE trusted_issuer SET document = ? WHERE issuer = ?',
);

const remove = statement('trustedIssuer.remove', 'DELETE FROM trusted_issuer WHERE issuer = ?');

const all = statement<{ readonly document: string }>(
  'trustedIssuer.all',
  'SELECT document FROM trusted_issuer ORDER BY issuer',
);
