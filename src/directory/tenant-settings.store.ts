import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** How a tenant leaves the rules that Entra has today. */
export interface TenantSettings {
  /**
   * Applications may have `http` redirect addresses beyond loopback, as until 2020. Entra refuses them now, at registration and at
   * sign-in.
   */
  readonly hasClassicRedirectUris: boolean;
  /**
   * Users may consent for themselves to what no administrator has to see.
   * Source: https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent
   */
  readonly hasUserConsent: boolean;
}

/** What a tenant has of which nobody said anything. */
export const defaultTenantSettings: TenantSettings = {
  hasClassicRedirectUris: false,
  hasUserConsent: true,
};

/** The settings of a tenant. */
export async function tenantSettingsOf(
  tx: ReadTransaction,
  tenantId: string,
): Promise<TenantSettings> {
  const row = await tx.one(selectOne, fold(tenantId));
  const said = row === undefined ? {} : (JSON.parse(row.document) as Partial<TenantSettings>);
  return { ...defaultTenantSettings, ...said };
}

/** Replaces the settings of a tenant; what is left out is as in every tenant. */
export async function putTenantSettings(
  tx: WriteTransaction,
  tenantId: string,
  settings: Partial<TenantSettings>,
): Promise<void> {
  await tx.run(upsertOne, fold(tenantId), JSON.stringify(settings));
}

const selectOne = statement<{ document: string }>(
  'tenantSettings.select',
  'SELECT document FROM tenant_settings WHERE tenant_id = ?',
);

const upsertOne = statement(
  'tenantSettings.put',
  `INSERT INTO tenant_settings (tenant_id, document) VALUES (?, ?)
   ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document`,
);
