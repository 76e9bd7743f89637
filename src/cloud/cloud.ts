/** Name of a cloud whose rules and host names a request falls under. */
export type CloudName = 'public' | 'china' | 'usgov';

/** One of Azure's clouds as a row of data. Host names are folded; a suffix begins with a dot. */
export interface Cloud {
  readonly name: CloudName;
  /** The name that az and the metadata endpoint use. */
  readonly azName: string;
  /** Login hosts, the one that clients are given first. */
  readonly loginHosts: readonly string[];
  /** Host in front of which regional sign-in hosts stand: `westeurope.login.microsoft.com`. */
  readonly regionalLoginSuffixes: readonly string[];
  /** Login host that stands in the v2 issuer, whichever alias was used. */
  readonly issuerHost: string;
  /** Host of the issuer of v1 tokens. */
  readonly stsHost: string;
  readonly armHosts: readonly string[];
  readonly graphHosts: readonly string[];
  /**
   * Of the service behind the portal's pages of registered applications, where az sends an
   * administrator's consent; az does so in one cloud.
   */
  readonly registrationHosts: readonly string[];
  readonly portalHosts: readonly string[];
  /** `{account}.{region}` stands in front of it. */
  readonly batchSuffix: string;
  /** `{account}` stands in front of it. */
  readonly blobSuffix: string;
  readonly storageSuffix: string;
  /** `{endpoint}.{region}` stands in front of it. */
  readonly inferenceSuffix: string;
  /** Audiences that Resource Manager accepts; the first is what az asks for. */
  readonly armAudiences: readonly string[];
  /** The one audience that Batch accepts, with its slash. */
  readonly batchAudience: string;
  /** Audiences that Graph accepts; the first is the resource that az asks for. */
  readonly graphAudiences: readonly string[];
  /** Audiences of Azure AD Graph, which is retired: tokens for it are given, and nothing takes them. */
  readonly directoryGraphAudiences: readonly string[];
  readonly mlAudience: string;
  /** Audience of a federated credential's assertion when none is configured. */
  readonly federationAudience: string;
}

/**
 * The clouds. Sources: facts of msal-common, azure-cli `cloud.py`, msrestazure `azure_cloud.py` and go-azure-sdk environments; see
 * https://learn.microsoft.com/azure/batch/batch-aad-auth for the Batch audiences.
 */
export const clouds: readonly Cloud[] = [
  {
    name: 'public',
    azName: 'AzureCloud',
    loginHosts: [
      'login.microsoftonline.com',
      'login.windows.net',
      'login.microsoft.com',
      'sts.windows.net',
    ],
    regionalLoginSuffixes: ['.login.microsoft.com', '.login.microsoftonline.com'],
    issuerHost: 'login.microsoftonline.com',
    stsHost: 'sts.windows.net',
    armHosts: ['management.azure.com', 'management.core.windows.net'],
    graphHosts: ['graph.microsoft.com'],
    registrationHosts: ['main.iam.ad.ext.azure.com'],
    portalHosts: ['portal.azure.com'],
    batchSuffix: '.batch.azure.com',
    blobSuffix: '.blob.core.windows.net',
    storageSuffix: 'core.windows.net',
    inferenceSuffix: '.inference.ml.azure.com',
    armAudiences: [
      'https://management.core.windows.net/',
      'https://management.core.windows.net',
      'https://management.azure.com/',
      'https://management.azure.com',
    ],
    batchAudience: 'https://batch.core.windows.net/',
    graphAudiences: ['https://graph.microsoft.com/', 'https://graph.microsoft.com'],
    directoryGraphAudiences: ['https://graph.windows.net/', 'https://graph.windows.net'],
    mlAudience: 'https://ml.azure.com',
    federationAudience: 'api://AzureADTokenExchange',
  },
  {
    name: 'china',
    azName: 'AzureChinaCloud',
    loginHosts: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
    regionalLoginSuffixes: ['.login.chinacloudapi.cn', '.login.partner.microsoftonline.cn'],
    issuerHost: 'login.partner.microsoftonline.cn',
    stsHost: 'sts.chinacloudapi.cn',
    armHosts: ['management.chinacloudapi.cn', 'management.core.chinacloudapi.cn'],
    graphHosts: ['microsoftgraph.chinacloudapi.cn'],
    registrationHosts: [],
    portalHosts: ['portal.azure.cn'],
    batchSuffix: '.batch.chinacloudapi.cn',
    blobSuffix: '.blob.core.chinacloudapi.cn',
    storageSuffix: 'core.chinacloudapi.cn',
    inferenceSuffix: '.inference.ml.azure.cn',
    armAudiences: [
      'https://management.core.chinacloudapi.cn/',
      'https://management.core.chinacloudapi.cn',
      'https://management.chinacloudapi.cn/',
      'https://management.chinacloudapi.cn',
    ],
    batchAudience: 'https://batch.chinacloudapi.cn/',
    graphAudiences: [
      'https://microsoftgraph.chinacloudapi.cn/',
      'https://microsoftgraph.chinacloudapi.cn',
    ],
    directoryGraphAudiences: ['https://graph.chinacloudapi.cn/', 'https://graph.chinacloudapi.cn'],
    mlAudience: 'https://ml.azure.cn',
    federationAudience: 'api://AzureADTokenExchangeChina',
  },
  {
    name: 'usgov',
    azName: 'AzureUSGovernment',
    loginHosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
    regionalLoginSuffixes: ['.login.microsoftonline.us'],
    issuerHost: 'login.microsoftonline.us',
    // UNVERIFIED: the v1 issuer of US Government tenants; a recorded token would settle it.
    stsHost: 'sts.windows.net',
    armHosts: ['management.usgovcloudapi.net', 'management.core.usgovcloudapi.net'],
    graphHosts: ['graph.microsoft.us', 'dod-graph.microsoft.us'],
    registrationHosts: [],
    portalHosts: ['portal.azure.us'],
    // UNVERIFIED: the host suffix of Batch accounts in US Government; an account body would settle it.
    batchSuffix: '.batch.usgovcloudapi.net',
    blobSuffix: '.blob.core.usgovcloudapi.net',
    storageSuffix: 'core.usgovcloudapi.net',
    inferenceSuffix: '.inference.ml.azure.us',
    armAudiences: [
      'https://management.core.usgovcloudapi.net/',
      'https://management.core.usgovcloudapi.net',
      'https://management.usgovcloudapi.net/',
      'https://management.usgovcloudapi.net',
    ],
    batchAudience: 'https://batch.core.usgovcloudapi.net/',
    graphAudiences: ['https://graph.microsoft.us/', 'https://graph.microsoft.us'],
    directoryGraphAudiences: ['https://graph.windows.net/', 'https://graph.windows.net'],
    mlAudience: 'https://ml.azure.us',
    federationAudience: 'api://AzureADTokenExchangeUSGov',
  },
];

/** The cloud of a name. */
export function cloudNamed(name: CloudName): Cloud {
  const found = clouds.find((cloud) => cloud.name === name);
  if (found === undefined) throw new Error(`there is no cloud named ${name}`);
  return found;
}

/** What a host name means in the table of clouds. */
export interface KnownHost {
  readonly cloud: CloudName;
  readonly surface: 'authority' | 'arm' | 'graph' | 'portal' | 'batch' | 'storage' | 'ml';
  /** `account` and `region` for Batch, `account` for storage, `endpoint` and `region` for ML. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Looks a folded host name up; undefined when it is none of Azure's. */
export function knownHost(host: string): KnownHost | undefined {
  for (const cloud of clouds) {
    const found = fixedHost(cloud, host) ?? suffixedHost(cloud, host);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fixedHost(cloud: Cloud, host: string): KnownHost | undefined {
  const bare = { cloud: cloud.name, labels: {} };
  if (cloud.loginHosts.includes(host)) return { ...bare, surface: 'authority' };
  if (cloud.armHosts.includes(host)) return { ...bare, surface: 'arm' };
  const ofDirectory = [...cloud.graphHosts, ...cloud.registrationHosts];
  if (ofDirectory.includes(host)) return { ...bare, surface: 'graph' };
  if (cloud.portalHosts.includes(host)) return { ...bare, surface: 'portal' };
  return undefined;
}

function suffixedHost(cloud: Cloud, host: string): KnownHost | undefined {
  const batch = labelsBefore(host, cloud.batchSuffix);
  if (batch?.length === 2) {
    const [account = '', region = ''] = batch;
    return { cloud: cloud.name, surface: 'batch', labels: { account, region } };
  }
  const blob = labelsBefore(host, cloud.blobSuffix);
  if (blob?.length === 1) {
    return { cloud: cloud.name, surface: 'storage', labels: { account: blob[0] ?? '' } };
  }
  const inference = labelsBefore(host, cloud.inferenceSuffix);
  if (inference?.length === 2) {
    const [endpoint = '', region = ''] = inference;
    return { cloud: cloud.name, surface: 'ml', labels: { endpoint, region } };
  }
  const regional = cloud.regionalLoginSuffixes.some(
    (suffix) => labelsBefore(host, suffix)?.length === 1,
  );
  return regional ? { cloud: cloud.name, surface: 'authority', labels: {} } : undefined;
}

function labelsBefore(host: string, suffix: string): readonly string[] | undefined {
  if (!host.endsWith(suffix)) return undefined;
  const labels = host.slice(0, -suffix.length).split('.');
  return labels.every((label) => /^[a-z0-9-]+$/.test(label)) ? labels : undefined;
}
