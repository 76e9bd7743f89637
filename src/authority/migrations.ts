import type { Migration } from '#store/store.ts';

/**
 * Schema of what the authority stores: signing keys, and what sign-ins leave behind. Codes, refresh
 * tokens, cookies and forms are found by the hash of a text that nobody can guess, before anyone
 * knows their tenant, so the hash alone is their key.
 */
export const authorityMigrations: readonly Migration[] = [
  {
    room: 'authority',
    number: 1,
    statements: [
      `CREATE TABLE signing_key (
        cloud TEXT NOT NULL,
        key_id TEXT NOT NULL,
        certificate TEXT NOT NULL,
        sealed_private_key TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (cloud, key_id)
      )`,
    ],
  },
  {
    room: 'authority',
    number: 2,
    statements: [
      `CREATE TABLE authorization_code (
        code_hash TEXT PRIMARY KEY, expires_at BIGINT NOT NULL, document TEXT NOT NULL)`,
      'CREATE INDEX authorization_code_expiry ON authorization_code (expires_at)',
      `CREATE TABLE spent_grant (
        text_hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL, expires_at BIGINT NOT NULL)`,
      'CREATE INDEX spent_grant_expiry ON spent_grant (expires_at)',
      `CREATE TABLE refresh_token (
        token_hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL, expires_at BIGINT NOT NULL,
        document TEXT NOT NULL)`,
      'CREATE INDEX refresh_token_grant ON refresh_token (grant_id)',
      'CREATE INDEX refresh_token_expiry ON refresh_token (expires_at)',
      `CREATE TABLE sign_in_session (
        cookie_hash TEXT PRIMARY KEY, expires_at BIGINT NOT NULL, document TEXT NOT NULL)`,
      'CREATE INDEX sign_in_session_expiry ON sign_in_session (expires_at)',
      `CREATE TABLE sign_in_revocation (
        tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, valid_from BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, user_id))`,
    ],
  },
  {
    room: 'authority',
    number: 3,
    statements: [
      `CREATE TABLE sign_in_attempt (
        token_hash TEXT PRIMARY KEY, cookie_hash TEXT NOT NULL, expires_at BIGINT NOT NULL,
        document TEXT NOT NULL)`,
      'CREATE INDEX sign_in_attempt_expiry ON sign_in_attempt (expires_at)',
      `CREATE TABLE sign_in_failure (
        tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (tenant_id, user_id))`,
    ],
  },
  {
    room: 'authority',
    number: 4,
    statements: [
      'ALTER TABLE signing_key ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0',
      'UPDATE signing_key SET signs_from = created_at',
      'CREATE TABLE signing_key_epoch (cloud TEXT PRIMARY KEY, epoch BIGINT NOT NULL)',
      'INSERT INTO signing_key_epoch (cloud, epoch) SELECT DISTINCT cloud, 1 FROM signing_key',
      `CREATE TABLE device_code (
        code_hash TEXT PRIMARY KEY, user_code_hash TEXT NOT NULL, expires_at BIGINT NOT NULL,
        document TEXT NOT NULL, answer TEXT)`,
      'CREATE UNIQUE INDEX device_code_user_code ON device_code (user_code_hash)',
      'CREATE INDEX device_code_expiry ON device_code (expires_at)',
      // Nothing ever wrote it; the instant stands with the user.
      'DROP TABLE sign_in_revocation',
    ],
  },
  {
    room: 'authority',
    number: 5,
    statements: [
      "ALTER TABLE device_code ADD COLUMN asker TEXT NOT NULL DEFAULT ''",
      'CREATE INDEX device_code_asker ON device_code (asker)',
    ],
  },
];
