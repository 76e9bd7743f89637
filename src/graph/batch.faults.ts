import { type Fault, fault } from '#kernel/fault.ts';
import type { BatchProblem } from './batch.ts';

/**
 * 400: a batch that cannot be read as one.
 * Sources: https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/2628 (no body),
 * https://github.com/Softeria/ms-365-mcp-server/issues/677 (no type), the fixtures of
 * https://github.com/bradleymarques/microslop_one_drive (one id twice, no batch),
 * https://github.com/microsoftgraph/microsoft-graph-docs/issues/16280 (order),
 * https://github.com/microsoftgraph/msgraph-sdk-dotnet-core/issues/891 (a dependency that stands behind; how its text begins).
 * UNVERIFIED: the text about numbers of requests; a batch of 21 would settle it.
 */
export function invalidBatch(problem: BatchProblem): Fault {
  const evidence = problem.kind === 'count' ? 'unverified' : 'documented';
  return fault(400, 'BadRequest', batchText(problem), { evidence });
}

function batchText(problem: BatchProblem): string {
  switch (problem.kind) {
    case 'count':
      return 'Number of batch request steps must be at least 1 and must not exceed 20.';
    case 'id':
      return `Request Id ${problem.id} has to be unique in a batch.`;
    case 'url':
      return 'Invalid batch payload format.';
    case 'contentType':
      return `Write request with id '${problem.id}' does not contain a Content-Type header.`;
    case 'body':
      return `Write request id : ${problem.id} does not contain Content-Type header or body.`;
    case 'dependsOn':
      return `Invalid dependency for request Id ${problem.id}.`;
    case 'order':
      return 'Batch should be either fully sequential or fully parallel.';
  }
}

/** 424: a request of a batch that depends on one that failed. UNVERIFIED: code and text; the status is documented. */
export function failedDependency(): Fault {
  return fault(424, 'FailedDependency', 'A request on which this request depends has failed.', {
    evidence: 'unverified',
  });
}
