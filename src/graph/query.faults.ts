import { type Fault, fault } from '#kernel/fault.ts';

/**
 * What Microsoft Graph says of questions that it does not answer.
 * Source: https://learn.microsoft.com/graph/aad-advanced-queries#error-handling-for-advanced-queries-on-directory-objects
 */

/** 400: a filter is not in the form that OData demands. */
export function invalidFilter(problem: string): Fault {
  return invalidQuery(`Invalid filter clause: ${problem}.`);
}

/**
 * 400: a search is not in the form that Graph demands, as of its first character.
 * Source: https://github.com/microsoftgraph/msgraph-sdk-java/issues/2346. UNVERIFIED: the place of what is wrong further on.
 */
export function invalidSearch(text: string): Fault {
  const message = `Syntax error: character '${text.slice(0, 1)}' is not valid at position 0 in '${text}'.`;
  return fault(400, 'BadRequest', message, { evidence: 'documented' });
}

/** 400: a page of no such size is served. Source: public reports of clients that asked for 1,000. */
export function invalidPageSize(text: string, max: number): Fault {
  return unsupported(
    `Invalid page size specified: '${text}'. Must be between 1 and ${max} inclusive.`,
  );
}

/** 400: the token of the next page is none that was given out. UNVERIFIED: the text; such a request would settle it. */
export function invalidSkipToken(): Fault {
  return fault(400, 'BadRequest', 'The specified skip token is not valid.', {
    evidence: 'unverified',
  });
}

/** 400: the property exists and cannot be filtered by in this way. */
export function unsupportedFilter(property: string, resource: string): Fault {
  const message = `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`;
  return fault(400, 'Request_UnsupportedQuery', message, { evidence: 'documented' });
}

/** 400: a question that Graph answers with `ConsistencyLevel: eventual` and `$count=true` only. */
export function unsupportedQuery(): Fault {
  return unsupported('Unsupported Query.');
}

/** 400: an ending is asked for without the header. */
export function endingNeedsConsistencyLevel(): Fault {
  return unsupported(
    "Operator 'endsWith' is not supported because the 'ConsistencyLevel:eventual' header is missing. Refer to https://aka.ms/graph-docs/advanced-queries for more information",
  );
}

/** 400: words are searched for without the header. */
export function searchNeedsConsistencyLevel(): Fault {
  return unsupported(
    "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
  );
}

/** 400: the property cannot be sorted by, or not in this combination. */
export function sortingNotSupported(): Fault {
  return unsupported('Sorting not supported for current query.');
}

/** 400: the property cannot be filtered by, not even in an advanced query. */
export function propertyNotIndexed(): Fault {
  return unsupported('The request uses a filter property that is not indexed');
}

/** 400: objects are counted with the header only. */
export function countNotSupported(): Fault {
  const message = '$count is not currently supported.';
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented' });
}

/** 400: related objects cannot be shown in an advanced query. UNVERIFIED: the text; such a request would settle it. */
export function expandNotSupported(): Fault {
  const message = '$expand is not supported with advanced queries.';
  return fault(400, 'Request_UnsupportedQuery', message, { evidence: 'unverified' });
}

/** 400: the resource has no such relation. Source: OData's own wording, as Graph passes it on. */
export function unknownNavigation(name: string, type: string): Fault {
  const message = `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`;
  return invalidQuery(message);
}

function invalidQuery(message: string): Fault {
  return fault(400, 'BadRequest', message, { evidence: 'documented' });
}

function unsupported(message: string): Fault {
  return fault(400, 'Request_UnsupportedQuery', message, { evidence: 'documented' });
}
