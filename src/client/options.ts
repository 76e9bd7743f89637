/** Options of reading one entity. With `select` only the named properties are present. */
export interface GetOptions<Name extends PropertyKey = PropertyKey> {
  readonly select?: readonly Name[];
  readonly expand?: string;
  /** Ends the request. */
  readonly signal?: AbortSignal;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

/** Options of a list. */
export interface ListOptions<Name extends PropertyKey = PropertyKey> {
  readonly select?: readonly Name[];
  readonly expand?: string;
  /** OData filter: `state eq 'active'`. */
  readonly filter?: string;
  /** Entities per page, 1 to 1000; pages follow each other by themselves. */
  readonly maxResults?: number;
  readonly signal?: AbortSignal;
}

/** Options of a change. With `ifMatch` it is made only when the entity still has this ETag. */
export interface WriteOptions {
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

/** Query parameters in the order sent; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The query of a get or a list. */
export function queryOf(options: GetOptions & ListOptions): Query {
  return {
    $filter: options.filter,
    $select: options.select?.join(','),
    $expand: options.expand,
    maxresults: options.maxResults,
  };
}

/** The conditional headers that are set. */
export function conditionsOf(options: {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}): Readonly<Record<string, string>> {
  return {
    ...(options.ifMatch === undefined ? {} : { 'if-match': options.ifMatch }),
    ...(options.ifNoneMatch === undefined ? {} : { 'if-none-match': options.ifNoneMatch }),
  };
}
