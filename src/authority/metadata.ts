import type { Cloud, CloudName } from '#cloud/cloud.ts';
import { linkBase, type Reach } from '#http/request.ts';
import type { JsonObject } from '#kernel/json.ts';
import { issuerV1, issuerV2 } from './issuer.ts';
import { endpointName, issuerName, type Tenancy } from './tenancy.ts';

/** What metadata says of a cloud beside its hosts. */
interface CloudInstance {
  readonly name: string;
  readonly graphHost: string;
  readonly rbacUrl: string;
}

/*
 * Recorded for the public cloud. The addresses of the others are those that az ssh asks for tokens.
 * Source: https://github.com/Azure/azure-cli-extensions (ssh, `CheckMyAccess`)
 * UNVERIFIED: names and graph hosts of the others; their metadata would settle them.
 */
const instances: Readonly<Record<CloudName, CloudInstance>> = {
  public: {
    name: 'microsoftonline.com',
    graphHost: 'graph.windows.net',
    rbacUrl: 'https://pas.windows.net',
  },
  china: {
    name: 'partner.microsoftonline.cn',
    graphHost: 'graph.chinacloudapi.cn',
    rbacUrl: 'https://pas.chinacloudapi.cn',
  },
  usgov: {
    name: 'microsoftonline.us',
    graphHost: 'graph.windows.net',
    rbacUrl: 'https://pasff.usgovcloudapi.net',
  },
};

/** Name of a cloud in metadata and key documents: `microsoftonline.com`. */
export function instanceName(cloud: Cloud): string {
  return instances[cloud.name].name;
}

/** Host of the directory service that came before Microsoft Graph. */
export function oldGraphHost(cloud: Cloud): string {
  return instances[cloud.name].graphHost;
}

/**
 * OpenID metadata of the v2 endpoints, in the recorded order. Endpoints are as reached. An
 * application that may have signing keys of its own names itself, and is sent to keys for it; here
 * none has any.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export function metadataV2(
  cloud: Cloud,
  reach: Reach,
  tenancy: Tenancy,
  appId: string | undefined,
): JsonObject {
  const base = `${linkBase(reach)}/${endpointName(tenancy)}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    ...clientAuthentication,
    jwks_uri: `${base}/discovery/v2.0/keys${appId === undefined ? '' : `?appid=${appId}`}`,
    ...whatIsSupported,
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerV2(cloud, reach, issuerName(tenancy)),
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${graphOrigin(cloud, reach)}/oidc/userinfo`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: claimsV2,
    ...whereItIs(cloud, reach, tenancy),
  };
}

/**
 * OpenID metadata of the v1 endpoints, which resource servers read, in the order of July 2023.
 * Source: https://github.com/blacklanternsecurity/bbot (the answer in its test of the module oauth)
 */
export function metadataV1(
  cloud: Cloud,
  reach: Reach,
  tenancy: Tenancy,
  appId: string | undefined,
): JsonObject {
  const origin = linkBase(reach);
  const base = `${origin}/${endpointName(tenancy)}`;
  return {
    token_endpoint: `${base}/oauth2/token`,
    ...clientAuthentication,
    jwks_uri:
      appId === undefined
        ? `${origin}/common/discovery/keys`
        : `${base}/discovery/keys?appid=${appId}`,
    ...whatIsSupported,
    response_types_supported: ['code', 'id_token', 'code id_token', 'token id_token', 'token'],
    scopes_supported: ['openid'],
    issuer: issuerV1(cloud, issuerName(tenancy)),
    microsoft_multi_refresh_token: true,
    authorization_endpoint: `${base}/oauth2/authorize`,
    device_authorization_endpoint: `${base}/oauth2/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/logout`,
    claims_supported: claimsV1,
    check_session_iframe: `${base}/oauth2/checksession`,
    userinfo_endpoint: `${base}/openid/userinfo`,
    ...whereItIs(cloud, reach, tenancy),
  };
}

/**
 * Metadata of the `/adfs` form, which names no tenant: clients that see it skip instance discovery,
 * so it works without any of Azure's names. Source: MSAL and ADAL treat every authority whose path
 * begins with `adfs` so.
 */
export function metadataAdfs(reach: Reach): JsonObject {
  const base = `${linkBase(reach)}/adfs`;
  return {
    issuer: base,
    authorization_endpoint: `${base}/oauth2/authorize`,
    token_endpoint: `${base}/oauth2/token`,
    device_authorization_endpoint: `${base}/oauth2/devicecode`,
    jwks_uri: `${base}/discovery/keys`,
    end_session_endpoint: `${base}/oauth2/logout`,
    frontchannel_logout_supported: true,
    ...clientAuthentication,
    ...whatIsSupported,
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  };
}

const clientAuthentication = {
  token_endpoint_auth_methods_supported: [
    'client_secret_post',
    'private_key_jwt',
    'client_secret_basic',
  ],
};

const whatIsSupported = {
  response_modes_supported: ['query', 'fragment', 'form_post'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
};

const claimsV2 = [
  'sub',
  'iss',
  'cloud_instance_name',
  'cloud_instance_host_name',
  'cloud_graph_host_name',
  'msgraph_host',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'acr',
  'nonce',
  'preferred_username',
  'name',
  'tid',
  'ver',
  'at_hash',
  'c_hash',
  'email',
];

const claimsV1 = [
  'sub',
  'iss',
  'cloud_instance_name',
  'cloud_instance_host_name',
  'cloud_graph_host_name',
  'msgraph_host',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'acr',
  'amr',
  'nonce',
  'email',
  'given_name',
  'family_name',
  'nickname',
];

/** `tenant_region_scope` of documents and tokens: no region holds a tenant of Batten. */
export const tenantRegion = 'WW';

function whereItIs(cloud: Cloud, reach: Reach, tenancy: Tenancy): JsonObject {
  return {
    kerberos_endpoint: `${linkBase(reach)}/${endpointName(tenancy)}/kerberos`,
    tenant_region_scope: tenancy.kind === 'tenant' ? tenantRegion : null,
    cloud_instance_name: instanceName(cloud),
    cloud_graph_host_name: instances[cloud.name].graphHost,
    msgraph_host: new URL(graphOrigin(cloud, reach)).host,
    rbac_url: instances[cloud.name].rbacUrl,
  };
}

/** Where Graph answers: on explicit reach at the same origin. */
function graphOrigin(cloud: Cloud, reach: Reach): string {
  return reach.explicit ? reach.origin : `https://${cloud.graphHosts[0] ?? ''}`;
}
