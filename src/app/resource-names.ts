import { clouds } from '#cloud/cloud.ts';
import type { FirstPartyNames } from '#directory/first-party.ts';

/** Every name under which Microsoft's own resources are asked for, in all clouds. */
export const resourceNames: FirstPartyNames = {
  graph: [...new Set(clouds.flatMap((cloud) => cloud.graphAudiences))],
  arm: [...new Set(clouds.flatMap((cloud) => cloud.armAudiences))],
  directoryGraph: [...new Set(clouds.flatMap((cloud) => cloud.directoryGraphAudiences))],
  batch: [...new Set(clouds.map((cloud) => cloud.batchAudience))],
};
