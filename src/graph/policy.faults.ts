import { type Fault, fault } from '#kernel/fault.ts';

/**
 * 400: the definition is no policy, or its lifetime is out of bounds.
 * Source: https://github.com/MicrosoftDocs/entra-docs/pull/1946. UNVERIFIED: the code.
 */
export function invalidDefinition(): Fault {
  return fault(400, 'Request_BadRequest', 'Property definition has an invalid value.', {
    evidence: 'documented',
    target: 'definition',
  });
}

/**
 * 400: the application or service principal has a policy of this kind already.
 * Source: https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/1114
 */
export function policyAlreadyAssigned(): Fault {
  const message =
    'Request contains property changes that would result in property-uniqueness violation(s). Please retry your request with corrected values.';
  return fault(400, 'Request_MultipleObjectsWithSameKeyValue', message, {
    evidence: 'documented',
  });
}

/** 400: the tenant has another default. UNVERIFIED: code and text; such a request would settle them. */
export function secondDefaultPolicy(): Fault {
  const message = 'Only one organization default policy of a type is allowed.';
  return fault(400, 'Request_BadRequest', message, { evidence: 'unverified' });
}
