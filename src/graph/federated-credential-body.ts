import { Type } from 'typebox';
import type { Fault } from '#kernel/fault.ts';
import { notImplemented } from './faults.ts';

/** As refusals name it. */
export const federatedResource = 'FederatedIdentityCredential';

const closed = { additionalProperties: false } as const;
const text = Type.String({ maxLength: 2_048 });
const audiences = Type.Array(text, { maxItems: 20 });
const description = Type.Optional(Type.Union([text, Type.Null()]));
const annotations = { '@odata.type': Type.Optional(Type.String()) };

/** What Graph's beta takes and Batten does not: a rule over the claims in place of one subject. */
export const unsupportedFederatedNames = ['claimsMatchingExpression'] as const;

const expression = Type.Optional(Type.Unknown());
const noSubject = Type.Optional(Type.Union([text, Type.Null()]));

/** A new federated credential. */
export const newFederatedBody = Type.Object(
  {
    ...annotations,
    ...{ name: text, issuer: text, subject: noSubject, audiences, description },
    claimsMatchingExpression: expression,
  },
  closed,
);

/** What changes of a federated credential. */
export const federatedChangeBody = Type.Object(
  {
    ...annotations,
    name: Type.Optional(text),
    issuer: Type.Optional(text),
    subject: Type.Optional(text),
    audiences: Type.Optional(audiences),
    description,
    claimsMatchingExpression: expression,
  },
  closed,
);

/** Refuses a body that asks for a rule over the claims. */
export function expressionFault(body: {
  readonly claimsMatchingExpression?: unknown;
}): Fault | undefined {
  const [name] = unsupportedFederatedNames;
  const isAbsent = body[name] === undefined || body[name] === null;
  return isAbsent ? undefined : notImplemented(`${federatedResource}.${name}`);
}
