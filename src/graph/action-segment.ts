import type { HttpRequest } from '#http/request.ts';

/** The actions of Graph that Batten lists, by their folded names. */
const actions: ReadonlySet<string> = new Set([
  'addkey',
  'addpassword',
  'addtokensigningcertificate',
  'changepassword',
  'checkmembergroups',
  'checkmemberobjects',
  'getbyids',
  'getmembergroups',
  'getmemberobjects',
  'removekey',
  'removepassword',
  'restore',
  'revokesigninsessions',
  'setverifiedpublisher',
]);

/**
 * The request without the namespace that OData lets stand before an action: `/applications/{id}/microsoft.graph.addPassword` is
 * `/applications/{id}/addPassword`. Clients that were made from Graph's description write it.
 * Source: https://github.com/microsoftgraph/msgraph-sdk-powershell/issues/987, OData 4.01 URL conventions 4.5
 */
export function withoutActionNamespace(request: HttpRequest): HttpRequest {
  const { method, route } = request;
  const [, name = ''] = /^(?:microsoft\.)?graph\.(\w+)$/i.exec(route.segments.at(-1) ?? '') ?? [];
  if (method !== 'POST' || !actions.has(name.toLowerCase())) return request;
  const segments = [...route.segments.slice(0, -1), name];
  return { ...request, route: { ...route, path: `/${segments.join('/')}`, segments } };
}
