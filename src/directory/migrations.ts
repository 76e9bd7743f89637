import type { Migration } from '#store/store.ts';

/**
 * The directory's tables. Every key begins with the tenant, except what is unique among all tenants (a domain, an appId).
 * Object and application ids are stored in lower case; names are stored as written and folded. Documents are JSON text: they
 * are the truth, and the columns beside them are what is looked up.
 */
export const directoryMigrations: readonly Migration[] = [
  {
    room: 'directory',
    number: 1,
    statements: [
      `CREATE TABLE tenant (
        tenant_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, created_at BIGINT NOT NULL)`,
      `CREATE TABLE tenant_domain (
        domain_folded TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, position INTEGER NOT NULL,
        domain TEXT NOT NULL)`,
      'CREATE INDEX tenant_domain_tenant ON tenant_domain (tenant_id, position)',
      `CREATE TABLE application (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, app_id TEXT NOT NULL,
        document TEXT NOT NULL, PRIMARY KEY (tenant_id, object_id))`,
      'CREATE UNIQUE INDEX application_app_id ON application (app_id)',
      `CREATE TABLE application_uri (
        tenant_id TEXT NOT NULL, uri_folded TEXT NOT NULL, object_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, uri_folded))`,
      `CREATE TABLE service_principal (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, app_id TEXT NOT NULL,
        document TEXT NOT NULL, PRIMARY KEY (tenant_id, object_id))`,
      'CREATE UNIQUE INDEX service_principal_app_id ON service_principal (tenant_id, app_id)',
      `CREATE TABLE service_principal_name (
        tenant_id TEXT NOT NULL, name_folded TEXT NOT NULL, object_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, name_folded))`,
      `CREATE TABLE password_credential (
        tenant_id TEXT NOT NULL, holder_id TEXT NOT NULL, key_id TEXT NOT NULL, display_name TEXT,
        hint TEXT NOT NULL, secret_hash BLOB NOT NULL, start_at BIGINT NOT NULL,
        end_at BIGINT NOT NULL, PRIMARY KEY (tenant_id, holder_id, key_id))`,
      `CREATE TABLE key_credential (
        tenant_id TEXT NOT NULL, holder_id TEXT NOT NULL, key_id TEXT NOT NULL, display_name TEXT,
        custom_key_identifier TEXT, certificate_der BLOB NOT NULL, thumbprint_sha1 TEXT NOT NULL,
        thumbprint_sha256 TEXT NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
        type TEXT NOT NULL, usage TEXT NOT NULL, PRIMARY KEY (tenant_id, holder_id, key_id))`,
      `CREATE TABLE user_account (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, user_principal_name_folded TEXT NOT NULL,
        password_hash TEXT, document TEXT NOT NULL, PRIMARY KEY (tenant_id, object_id))`,
      `CREATE UNIQUE INDEX user_account_name
        ON user_account (tenant_id, user_principal_name_folded)`,
      `CREATE TABLE directory_group (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (tenant_id, object_id))`,
      `CREATE TABLE group_member (
        tenant_id TEXT NOT NULL, group_id TEXT NOT NULL, member_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, group_id, member_id))`,
      'CREATE INDEX group_member_member ON group_member (tenant_id, member_id, group_id)',
      `CREATE TABLE object_owner (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, owner_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, object_id, owner_id))`,
      'CREATE INDEX object_owner_owner ON object_owner (tenant_id, owner_id, object_id)',
      `CREATE TABLE directory_role_assignment (
        tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, template_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, principal_id, template_id))`,
      `CREATE TABLE app_role_assignment (
        tenant_id TEXT NOT NULL, principal_id TEXT NOT NULL, resource_id TEXT NOT NULL,
        app_role_id TEXT NOT NULL, assignment_id TEXT NOT NULL, created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, principal_id, resource_id, app_role_id))`,
      `CREATE TABLE permission_grant (
        tenant_id TEXT NOT NULL, grant_id TEXT NOT NULL, client_id TEXT NOT NULL,
        resource_id TEXT NOT NULL, consent_type TEXT NOT NULL, principal_id TEXT NOT NULL,
        oauth_scopes TEXT NOT NULL, PRIMARY KEY (tenant_id, grant_id))`,
      `CREATE UNIQUE INDEX permission_grant_parties
        ON permission_grant (tenant_id, client_id, resource_id, principal_id)`,
    ],
  },
  {
    room: 'directory',
    number: 2,
    statements: [
      `CREATE TABLE tenant_settings (
        tenant_id TEXT PRIMARY KEY, document TEXT NOT NULL)`,
      `CREATE TABLE token_lifetime_policy (
        tenant_id TEXT NOT NULL, policy_id TEXT NOT NULL, is_default INTEGER NOT NULL,
        lifetime_seconds BIGINT, document TEXT NOT NULL, PRIMARY KEY (tenant_id, policy_id))`,
      `CREATE UNIQUE INDEX token_lifetime_policy_default
        ON token_lifetime_policy (tenant_id) WHERE is_default = 1`,
      `CREATE TABLE token_lifetime_policy_assignment (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, policy_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, object_id))`,
      `CREATE INDEX token_lifetime_policy_assignment_policy
        ON token_lifetime_policy_assignment (tenant_id, policy_id, object_id)`,
      `CREATE TABLE deleted_object (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, kind TEXT NOT NULL,
        deleted_at BIGINT NOT NULL, password_hash TEXT, document TEXT NOT NULL,
        PRIMARY KEY (tenant_id, object_id))`,
      'CREATE INDEX deleted_object_kind ON deleted_object (tenant_id, kind, object_id)',
      'CREATE INDEX deleted_object_age ON deleted_object (deleted_at)',
      `CREATE TABLE deleted_reference (
        tenant_id TEXT NOT NULL, object_id TEXT NOT NULL, position INTEGER NOT NULL,
        relation TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (tenant_id, object_id, position))`,
      `CREATE TABLE directory_role (
        tenant_id TEXT NOT NULL, template_id TEXT NOT NULL, PRIMARY KEY (tenant_id, template_id))`,
      `CREATE INDEX directory_role_assignment_template
        ON directory_role_assignment (tenant_id, template_id, principal_id)`,
      `CREATE TABLE federated_credential (
        tenant_id TEXT NOT NULL, holder_id TEXT NOT NULL, name_folded TEXT NOT NULL,
        credential_id TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL,
        document TEXT NOT NULL, PRIMARY KEY (tenant_id, holder_id, name_folded))`,
      `CREATE UNIQUE INDEX federated_credential_subject
        ON federated_credential (tenant_id, holder_id, issuer, subject)`,
      `CREATE TABLE trusted_issuer (
        issuer TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, document TEXT NOT NULL)`,
      `CREATE TABLE directory_name (
        tenant_id TEXT NOT NULL, kind TEXT NOT NULL, property TEXT NOT NULL,
        text_folded TEXT NOT NULL, object_id TEXT NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (tenant_id, kind, property, text_folded, object_id, position))`,
      'CREATE INDEX directory_name_object ON directory_name (tenant_id, object_id)',
      `CREATE TABLE directory_name_pending (
        tenant_id TEXT NOT NULL, kind TEXT NOT NULL, object_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, kind, object_id))`,
      `INSERT INTO directory_name_pending (tenant_id, kind, object_id)
        SELECT tenant_id, 'application', object_id FROM application
        UNION ALL SELECT tenant_id, 'servicePrincipal', object_id FROM service_principal
        UNION ALL SELECT tenant_id, 'user', object_id FROM user_account
        UNION ALL SELECT tenant_id, 'group', object_id FROM directory_group`,
    ],
  },
  {
    room: 'directory',
    number: 3,
    statements: [
      `INSERT INTO directory_name_pending (tenant_id, kind, object_id)
        SELECT tenant_id, 'application', object_id FROM application
        WHERE document LIKE '%"uniqueName":"%'
        ON CONFLICT DO NOTHING`,
    ],
  },
];
