import type { Readable } from 'node:stream';
import type { Instant } from '#kernel/instant.ts';
import type { QueryParameter, RawTarget } from './target.ts';

/** Where a request arrived: which surface of which cloud its Host and first segments mean. */
export interface Reach {
  /** Name of the surface: `authority`, `graph`, `arm`, `batch`. */
  readonly surface: string;
  /** Name of the cloud whose rules apply: `public`, `china`, `usgov`. */
  readonly cloud: string;
  /** Scheme, host and port as reached, for links and Locations: `https://localhost:8443`. */
  readonly origin: string;
  /** Host without port, folded. */
  readonly host: string;
  /** Leading raw segments that only choose the surface (`['batch', 'contoso']`), empty on Azure's own names. */
  readonly base: readonly string[];
  /** What the host or the base names, decoded and folded, for example `account` and `region`. */
  readonly labels: Readonly<Record<string, string>>;
  /** True when reached as `https://localhost:PORT/...` rather than by an Azure name. */
  readonly explicit: boolean;
}

/** A request as every room sees it. Headers have lower-case names; repeated ones are joined by a comma. */
export interface HttpRequest {
  readonly method: string;
  /** The whole raw target, which a shared key signs. */
  readonly target: RawTarget;
  /** The target below the base, which is routed. */
  readonly route: RawTarget;
  readonly query: readonly QueryParameter[];
  readonly headers: Readonly<Record<string, string>>;
  readonly reach: Reach;
  /** GUID made for this request; every reply carries it. */
  readonly requestId: string;
  /** Civil time of arrival. */
  readonly receivedAt: Instant;
  /** Real time of arrival, for what a client dated. */
  readonly receivedReal: Instant;
  readonly remoteAddress: string;
  /** The body, unread. The pipeline reads it unless the operation asks for the stream. */
  readonly stream: Readable;
}

/** Origin plus base: what a link to this surface begins with, without a slash at its end. */
export function linkBase(reach: Reach): string {
  return reach.base.length === 0 ? reach.origin : `${reach.origin}/${reach.base.join('/')}`;
}
