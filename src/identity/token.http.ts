import { type CloudName, cloudNamed } from '#cloud/cloud.ts';
import { needs, operationsOf, type Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { type QueryParameter, queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { type Instant, instantOfSeconds, isoOf } from '#kernel/instant.ts';
import {
  type IdentityToken,
  type IdentityTokenParts,
  identityToken,
  identityTokenSeconds,
} from './identity-token.ts';
import type { ManagedIdentity } from './managed-identity.ts';
import { tokenFaults } from './token.faults.ts';
import type { CredentialHolder } from './token-dialect.ts';

/** What the token operations work with: one identity, whose tokens they give. */
export interface TokenRoom extends IdentityTokenParts {
  /** ARM id of a user-assigned identity, or of the resource whose own identity it is. */
  readonly identity: string;
  /** Told of every token that was given or refused; never of the token itself. */
  readonly noted: (asked: AskedToken) => void;
}

/** That somebody asked for a token of the identity, and what came of it. */
export interface AskedToken {
  readonly requestId: string;
  readonly at: Instant;
  readonly path: string;
  readonly cloud: string;
  /** The resource as it was asked for; empty when none was. */
  readonly resource: string;
  /** Absent when there is no such identity. */
  readonly clientId?: string;
  /** Absent when the token was given. */
  readonly refused?: Fault;
}

const operation = operationsOf<CredentialHolder, TokenRoom>();

/** Instance metadata of a virtual machine: every value is text. */
const instanceMetadata = operation({
  id: 'InstanceMetadata_GetToken',
  method: 'GET',
  path: '/metadata/identity/oauth2/token',
  permission: needs(),
  query: ['api-version', 'resource', 'client_id', 'object_id', 'msi_res_id', 'mi_res_id'],
  reply: { 200: 'json' },
  source:
    'https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token',
  handler: async ({ request }, room) => {
    const version = queryValue(request.query, 'api-version') ?? '';
    if (!/^20\d\d-\d\d-\d\d$/.test(version)) return tokenFaults.invalidVersion();
    const token = await tokenFor(request, request.query, room);
    if (isFault(token)) return token;
    return { status: 200, json: metadataJson(token, request.query) };
  },
});

/**
 * App Service, in its present form (2019-08-01) and its first one (2017-09-01), whose time is a
 * date.
 */
const appService = operation({
  id: 'AppService_GetToken',
  method: 'GET',
  path: '/msi/token',
  permission: needs(),
  query: [
    'api-version',
    'resource',
    'client_id',
    'clientid',
    'principal_id',
    'object_id',
    'mi_res_id',
  ],
  reply: { 200: 'json' },
  source:
    'https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference',
  handler: ({ request }, room) => {
    const form = appServiceForms.get(queryValue(request.query, 'api-version') ?? '');
    return hostedToken(request, form, room);
  },
});

/**
 * Compute of Azure Machine Learning: the first form of App Service, with time in seconds.
 * Source: the Azure ML source of MSAL and azure-identity.
 */
const machineLearning = operation({
  id: 'MachineLearning_GetToken',
  method: 'GET',
  path: '/msi/auth',
  permission: needs(),
  query: ['api-version', 'resource', 'client_id', 'clientid', 'object_id', 'mi_res_id'],
  reply: { 200: 'json' },
  source:
    'https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication',
  handler: ({ request }, room) => {
    const isKnown = queryValue(request.query, 'api-version') === '2017-09-01';
    return hostedToken(request, isKnown ? machineLearningForm : undefined, room);
  },
});

/** Cloud Shell, and the extension of virtual machines that came before instance metadata. */
const cloudShell = operation({
  id: 'CloudShell_GetToken',
  method: 'POST',
  path: '/cloudshell/{credential}/oauth2/token',
  permission: needs(),
  bodyKind: 'form',
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/azure/cloud-shell/msi-authorization',
  handler: async ({ request, body }, room): Promise<Reply | Fault> => {
    if (request.headers['metadata']?.toLowerCase() !== 'true') return tokenFaults.metadataMissing();
    const asked = body as readonly QueryParameter[];
    const token = await tokenFor(request, asked, room);
    return isFault(token) ? token : { status: 200, json: metadataJson(token, asked) };
  },
});

/** Every form in which a managed identity asks for its token. */
export const tokenOperations = [instanceMetadata, appService, machineLearning, cloudShell];

interface HostedForm {
  /** The header that the credential must come in. */
  readonly header: string;
  readonly timeOf: (seconds: number) => string;
}

const appServiceForms: ReadonlyMap<string, HostedForm> = new Map([
  ['2019-08-01', { header: 'x-identity-header', timeOf: String }],
  ['2017-09-01', { header: 'secret', timeOf: dateOf }],
]);

const machineLearningForm: HostedForm = { header: 'secret', timeOf: String };

async function hostedToken(
  request: HttpRequest,
  form: HostedForm | undefined,
  room: TokenRoom,
): Promise<Reply | Fault> {
  if (form === undefined) return tokenFaults.invalidVersion();
  if (request.headers[form.header] === undefined) return tokenFaults.credentialMissing();
  const token = await tokenFor(request, request.query, room);
  if (isFault(token)) return token;
  const json = {
    access_token: token.accessToken,
    expires_on: form.timeOf(token.expiresOn),
    resource: queryValue(request.query, 'resource'),
    token_type: 'Bearer',
    client_id: token.clientId,
  };
  return { status: 200, json };
}

/** `05/22/2021 17:18:21 +00:00`, as recorded. */
function dateOf(seconds: number): string {
  const [, year, month, day, time] =
    /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(isoOf(instantOfSeconds(seconds))) ?? [];
  return `${month}/${day}/${year} ${time} +00:00`;
}

/** In the order of recorded answers, which is that of the alphabet. */
function metadataJson(token: IdentityToken, asked: readonly QueryParameter[]): object {
  const lifetime = String(identityTokenSeconds - 1);
  return {
    access_token: token.accessToken,
    client_id: token.clientId,
    expires_in: lifetime,
    expires_on: String(token.expiresOn),
    ext_expires_in: lifetime,
    not_before: String(token.notBefore),
    resource: queryValue(asked, 'resource'),
    token_type: 'Bearer',
  };
}

async function tokenFor(
  request: HttpRequest,
  asked: readonly QueryParameter[],
  room: TokenRoom,
): Promise<IdentityToken | Fault> {
  const resource = queryValue(asked, 'resource') ?? '';
  const { reach, requestId, receivedAt: at, route } = request;
  const outcome =
    resource === ''
      ? tokenFaults.resourceMissing()
      : await identityToken(room, {
          ...{ identity: room.identity, resource, reach, requestId },
          cloud: cloudNamed(reach.cloud as CloudName),
          accepts: (identity) => isAskedFor(identity, asked),
        });
  room.noted({
    ...{ requestId, at, resource, cloud: reach.cloud },
    // The one form whose path holds the credential is named without it.
    path: route.path.replace(/^(\/cloudshell\/)[^/]+/, '$1...'),
    ...(isFault(outcome) ? { refused: outcome } : { clientId: outcome.clientId }),
  });
  return outcome;
}

/** Parameters that name the identity, by what of it they name. */
const selectors = {
  clientId: ['client_id', 'clientid'],
  principalId: ['object_id', 'principal_id'],
  resourceId: ['msi_res_id', 'mi_res_id'],
} as const;

/** True when every parameter that names an identity names this one. */
function isAskedFor(identity: ManagedIdentity, asked: readonly QueryParameter[]): boolean {
  return Object.entries(selectors).every(([kind, names]) =>
    names.every((name) => {
      const value = queryValue(asked, name);
      return value === undefined || sameName(value, identity[kind as keyof typeof selectors]);
    }),
  );
}
