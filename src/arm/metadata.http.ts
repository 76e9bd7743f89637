import type { Cloud } from '#cloud/cloud.ts';
import type { HttpRequest } from '#http/request.ts';
import { armOperation } from './declare.ts';
import { cloudOf } from './dialect.ts';

/**
 * Name of the cloud that is reached by an address of its own; az overwrites the login of the
 * well-known names.
 */
const ownCloudName = 'Batten';

/**
 * What a client must know to use this cloud, without a token. Three shapes: one small object
 * (2015-01-01), an array of clouds (2018-05-01, 2019-05-01), one object (2022-09-01). Only what
 * Batten serves is in it.
 */
const endpoints = armOperation({
  id: 'Metadata_Endpoints',
  method: 'GET',
  path: '/metadata/endpoints',
  permission: 'anonymous',
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/azure-stack/user/azure-stack-rest-api-use',
  handler: async ({ request, version }) => {
    const cloud = cloudOf(request);
    if (version < '2018-01-01') return { status: 200, json: oldShape(cloud, request) };
    const found = cloudShape(cloud, request);
    return { status: 200, json: version < '2020-01-01' ? [found] : found };
  },
});

/** The metadata of the cloud as reached. */
export const metadataOperations = [endpoints];

/** The addresses as reached: Azure's own names, or this server's one address for everything. */
function addressesOf(cloud: Cloud, request: HttpRequest) {
  const { explicit, origin } = request.reach;
  const of = (hosts: readonly string[]): string => (explicit ? origin : `https://${hosts[0]}`);
  return {
    login: of(cloud.loginHosts),
    resourceManager: of(cloud.armHosts),
    graph: of(cloud.graphHosts),
    portal: explicit ? `${origin}/portal` : of(cloud.portalHosts),
  };
}

function oldShape(cloud: Cloud, request: HttpRequest): object {
  const { login, graph, portal } = addressesOf(cloud, request);
  return {
    galleryEndpoint: '',
    graphEndpoint: graph,
    portalEndpoint: portal,
    authentication: { loginEndpoint: login, audiences: cloud.armAudiences },
  };
}

function cloudShape(cloud: Cloud, request: HttpRequest): object {
  const { login, resourceManager, graph, portal } = addressesOf(cloud, request);
  return {
    portal,
    authentication: {
      loginEndpoint: login,
      audiences: cloud.armAudiences,
      tenant: 'common',
      identityProvider: 'AAD',
    },
    graphAudience: `${graph}/`,
    graph: `${graph}/`,
    name: request.reach.explicit ? ownCloudName : cloud.azName,
    suffixes: { storage: cloud.storageSuffix },
    batch: cloud.batchAudience,
    resourceManager: `${resourceManager}/`,
    microsoftGraphResourceId: `${graph}/`,
  };
}
