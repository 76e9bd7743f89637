import type { SignInAudience } from './application.ts';

/** How an application gets the browser back: a confidential web server, a page in a browser, or a program on a device. */
export type RedirectPlatform = 'web' | 'spa' | 'publicClient';

/** Longest redirect address in characters, and most of an application by whom it signs in. */
export const redirectUriCharactersMax = 256;
export const redirectUrisMax: Readonly<Record<SignInAudience, number>> = {
  AzureADMyOrg: 256,
  AzureADMultipleOrgs: 256,
  AzureADandPersonalMicrosoftAccount: 100,
};

/** Where and for whom an address is registered. */
export interface RedirectRule {
  readonly platform: RedirectPlatform;
  readonly signInAudience: SignInAudience;
  /** The tenant allows `http` beyond this machine, as until 2020. */
  readonly isClassic: boolean;
}

/** Schemes that run or read something rather than lead somewhere. */
const dangerousSchemes: readonly string[] = [
  'about:',
  'blob:',
  'data:',
  'file:',
  'javascript:',
  'vbscript:',
];

/** Schemes that lead to no web server and that Entra takes on the web platform too. */
const webSchemes: readonly string[] = ['ms-appx-web:', 'urn:'];

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1'];

/**
 * Whether an address may be registered. It is judged as text, since the text is what a sign-in must repeat: visible ASCII without the
 * characters that Entra forbids, no fragment, no user name, no dot segments that a browser would resolve. `https` always, `http` to this
 * machine, and a scheme of the program's own for programs; `urn:` and `ms-appx-web:` also for the web platform. A wildcard stands for a first label of an https host, and for applications
 * of organizations only.
 * Source: https://learn.microsoft.com/entra/identity-platform/reply-url,
 * https://registry.terraform.io/providers/hashicorp/azuread/latest/docs/resources/application (web: redirect_uris)
 * UNVERIFIED: that dot segments and user names are refused at registration already; an application with such an address would settle it.
 */
export function isRegistrableRedirectUri(uri: string, rule: RedirectRule): boolean {
  if (uri.length > redirectUriCharactersMax || !isPlain(uri)) return false;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(uri)?.[0].toLowerCase();
  if (scheme === undefined || dangerousSchemes.includes(scheme)) return false;
  if (scheme !== 'https:' && scheme !== 'http:') {
    return (
      rule.platform === 'publicClient' || (rule.platform === 'web' && webSchemes.includes(scheme))
    );
  }
  const isPersonal = rule.signInAudience === 'AzureADandPersonalMicrosoftAccount';
  if (isPersonal && uri.includes('?')) return false;
  if (uri.includes('*')) return scheme === 'https:' && !isPersonal && isWildcard(uri);
  if (!isWebAddress(uri)) return false;
  return scheme === 'https:' || rule.isClassic || loopbackHosts.includes(new URL(uri).hostname);
}

/** Visible ASCII without what Entra forbids (`! $ ' ( ) , ;`), quotes, brackets, a backslash or a fragment. */
function isPlain(uri: string): boolean {
  return /^[\x21-\x7e]+$/.test(uri) && !/[!$'(),;\\#<>"{}|^`]/.test(uri);
}

/** A host without a user name, and a path that no browser changes before it goes there. */
function isWebAddress(uri: string): boolean {
  const after = /^https?:\/\/([^/?]+)(.*)$/i.exec(uri);
  if (after === null || !URL.canParse(uri)) return false;
  const [, authority = '', rest = ''] = after;
  const path = rest.split('?')[0] ?? '';
  const hasDots = path.split('/').some((part) => /^(?:\.|%2e){1,2}$/i.test(part));
  return !authority.includes('@') && !hasDots;
}

/** `https://*.contoso.com/path`: one star, in place of the first label, before a name of at least two labels. */
function isWildcard(uri: string): boolean {
  const plain = uri.replace(/^https:\/\/\*\./i, 'https://x.');
  if (plain === uri || plain.includes('*') || !isWebAddress(plain)) return false;
  return new URL(plain).hostname.split('.').length >= 3;
}
