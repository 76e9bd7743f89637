import type { Cloud } from '#cloud/cloud.ts';
import { linkBase, type Reach } from '#http/request.ts';

/**
 * The issuer of v1 tokens: always the security token service of the cloud, however the authority
 * was reached.
 */
export function issuerV1(cloud: Cloud, tenantId: string): string {
  return `https://${cloud.stsHost}/${tenantId}/`;
}

/**
 * The issuer of v2 tokens: on Azure's names the canonical login host of the cloud, whatever alias
 * was used; elsewhere the authority as it was reached.
 */
export function issuerV2(cloud: Cloud, reach: Reach, tenantId: string): string {
  const origin = reach.explicit ? linkBase(reach) : `https://${cloud.issuerHost}`;
  return `${origin}/${tenantId}/v2.0`;
}
