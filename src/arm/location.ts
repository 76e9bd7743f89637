import type { CloudName } from '#cloud/cloud.ts';

/** A region: only a name here, since everything runs on one machine or one cluster. */
export interface Region {
  /** `westeurope`. */
  readonly name: string;
  /** `West Europe`. */
  readonly displayName: string;
}

/** The regions of each cloud. Source: https://learn.microsoft.com/azure/reliability/regions-list */
const displayNames: Readonly<Record<CloudName, readonly string[]>> = {
  public: [
    'East US',
    'East US 2',
    'South Central US',
    'West US 2',
    'West US 3',
    'Australia East',
    'Southeast Asia',
    'North Europe',
    'Sweden Central',
    'UK South',
    'West Europe',
    'Central US',
    'South Africa North',
    'Central India',
    'East Asia',
    'Japan East',
    'Korea Central',
    'Canada Central',
    'France Central',
    'Germany West Central',
    'Italy North',
    'Norway East',
    'Poland Central',
    'Spain Central',
    'Switzerland North',
    'UAE North',
    'Brazil South',
    'North Central US',
    'West US',
    'Japan West',
    'UK West',
    'West Central US',
    'Australia Southeast',
    'Korea South',
    'South India',
    'Canada East',
  ],
  china: [
    'China East',
    'China East 2',
    'China East 3',
    'China North',
    'China North 2',
    'China North 3',
  ],
  usgov: ['US Gov Arizona', 'US Gov Texas', 'US Gov Virginia'],
};

/** The name of a region from either of its forms: `West Europe` is `westeurope`. */
export function regionName(text: string): string {
  return text.replaceAll(' ', '').toLowerCase();
}

/** The regions of a cloud. */
export function regionsOf(cloud: CloudName): readonly Region[] {
  return displayNames[cloud].map((displayName) => ({ name: regionName(displayName), displayName }));
}

/**
 * The region that a client named, in any cloud: an account answers under every one. Undefined when
 * there is none of that name.
 */
export function knownRegion(text: string): string | undefined {
  const asked = regionName(text);
  const all = Object.values(displayNames).flat();
  return all.map(regionName).find((name) => name === asked);
}
