/** What kind of principal a role assignment may name. Managed identities are service principals. */
export type PrincipalType = 'User' | 'Group' | 'ServicePrincipal';

/**
 * Who is calling, as a verified token and the directory say. It holds nothing secret, and everything that a decision needs:
 * no decision looks at the token again.
 */
export interface Caller {
  readonly tenantId: string;
  /** Object id of the user or service principal, folded. */
  readonly objectId: string;
  readonly principalType: 'User' | 'ServicePrincipal';
  /** Application that the token was issued to. */
  readonly appId: string;
  /** How Azure's refusals name the caller: the user principal name, or the object id of a service principal. */
  readonly displayName: string;
  /** Own object id and those of all groups it is in, directly or through groups; folded. */
  readonly principalIds: readonly string[];
  /** Template ids of Entra directory roles that it holds, for example Global Administrator. */
  readonly directoryRoleIds: readonly string[];
  /** Delegated permissions of the token (`scp`); empty for applications acting alone. */
  readonly oauthScopes: readonly string[];
  /** Application permissions of the token (`roles`). */
  readonly appRoles: readonly string[];
  /** The claims as they stood in the token. */
  readonly claims: Readonly<Record<string, unknown>>;
}
