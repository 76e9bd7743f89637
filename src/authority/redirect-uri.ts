import type { Application } from '#directory/application.ts';
import type { RedirectKind } from './user-grant.ts';

/**
 * How a redirect address was registered, if it was: the text itself, never normalised, but that the
 * port of a loopback address does not count, and that one may stand under a wildcard. IPv6 loopback
 * is no exception, as on Entra.
 * Source: https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
 * UNVERIFIED: that the port of 127.0.0.1 does not count for web and single-page addresses either.
 */
export function redirectKindOf(application: Application, asked: string): RedirectKind | undefined {
  if (!isPlain(asked) || withoutQuery(asked).includes('*')) return undefined;
  const lists = [
    ['spa', application.spaRedirectUris],
    ['web', application.webRedirectUris],
    ['publicClient', application.publicClientRedirectUris],
  ] as const;
  const exact = lists.find(([, uris]) => uris.includes(asked));
  if (exact !== undefined) return exact[0];
  const loopback = withoutPort(asked);
  const fits = (one: string) =>
    loopback === undefined ? isUnder(one, asked) : withoutPort(one) === loopback;
  return lists.find(([, uris]) => uris.some(fits))?.[0];
}

/** Whether an address is registered by a wildcard alone. */
export function isWildcardRedirect(application: Application, asked: string): boolean {
  const { webRedirectUris, spaRedirectUris, publicClientRedirectUris } = application;
  const all = [...webRedirectUris, ...spaRedirectUris, ...publicClientRedirectUris];
  return !all.includes(asked) && isPlain(asked) && all.some((one) => isUnder(one, asked));
}

/**
 * Where the browser really goes: an address under a wildcard loses its query.
 * Source: https://learn.microsoft.com/entra/identity-platform/reply-url#restrictions-on-wildcards-in-redirect-uris
 * UNVERIFIED: that the code is then redeemed with the address as it was answered; a web application
 * with a wildcard would settle it.
 */
export function answeredAddress(application: Application, asked: string): string {
  return isWildcardRedirect(application, asked) ? withoutQuery(asked) : asked;
}

/**
 * `https://*.contoso.com/path` stands for one label before `.contoso.com/path`, to the letter.
 * UNVERIFIED: that the star is one label, and that the path must be the whole one; sign-ins of an
 * application with a wildcard would settle both.
 */
function isUnder(registered: string, asked: string): boolean {
  const wildcard = 'https://*.';
  if (!registered.startsWith(wildcard)) return false;
  const rest = registered.slice(wildcard.length - 1);
  const address = withoutQuery(asked);
  if (!address.startsWith('https://') || !address.endsWith(rest)) return false;
  return /^[A-Za-z0-9-]{1,63}$/.test(address.slice('https://'.length, -rest.length));
}

function withoutQuery(uri: string): string {
  return uri.split('?')[0] ?? '';
}

/**
 * Where the answer to a request goes that names no address: to the application's default one, else
 * to the first that it has.
 * Source: https://learn.microsoft.com/graph/api/resources/application (defaultRedirectUri)
 * UNVERIFIED: which one Entra takes when there are several and none is the default.
 */
export function defaultRedirectUri(application: Application): string | undefined {
  const { webRedirectUris, spaRedirectUris, publicClientRedirectUris, profile } = application;
  const all = [...webRedirectUris, ...spaRedirectUris, ...publicClientRedirectUris];
  return all.find((one) => one === profile['defaultRedirectUri']) ?? all[0];
}

/** False for `http` to anywhere but this machine. */
export function isSecureRedirectUri(uri: string): boolean {
  return !/^http:/i.test(uri) || withoutPort(uri) !== undefined;
}

/**
 * Visible ASCII without backslash and without fragment, and no scheme that runs or reads something:
 * nothing that a browser would take for anything but an address.
 */
function isPlain(uri: string): boolean {
  if (/^(javascript|vbscript|data|file|blob|about):/i.test(uri)) return false;
  return /^[\x21-\x7e]+$/.test(uri) && !/[\\#<>"]/.test(uri);
}

/** A loopback address without its port; undefined for every other address. */
function withoutPort(uri: string): string | undefined {
  const match = /^http:\/\/(localhost|127\.0\.0\.1)(?::\d{1,5})?(\/.*|\?.*)?$/.exec(uri);
  if (match === null) return undefined;
  const [, host = '', path = ''] = match;
  return `${host} ${path === '' ? '/' : path}`;
}

/**
 * Where a browser goes on to, as sources of a content security policy: the origin, or the scheme of
 * an application's own; none when it cannot be told.
 */
export function policySourcesOf(redirectUri: string): readonly string[] {
  if (!URL.canParse(redirectUri)) return [];
  const { origin, protocol } = new URL(redirectUri);
  return [origin === 'null' ? protocol : origin];
}
