import { type Fault, fault } from '#kernel/fault.ts';

/** 404: the application has no federated credential of that id or name. */
export function federatedCredentialNotFound(idOrName: string): Fault {
  const message = `FederatedIdentityCredential with name ${idOrName} not found.`;
  return fault(404, 'Request_ResourceNotFound', message, { evidence: 'documented' });
}

/**
 * 409: the application has a federated credential of that name.
 * Source: https://github.com/Azure/azure-dev/issues/1482
 */
export function federatedCredentialExists(name: string): Fault {
  const message = `FederatedIdentityCredential with name ${name} already exists.`;
  return fault(409, 'Request_MultipleObjectsWithSameKeyValue', message, { evidence: 'documented' });
}

/**
 * 400: the application has a federated credential of that issuer and subject.
 * Source: https://github.com/Azure/azure-workload-identity/issues/434
 */
export function federatedSubjectExists(issuer: string, subject: string): Fault {
  const message =
    'The combination of issuer and subject must be unique for the application. ' +
    `Issuer ${issuer} and Subject: ${subject} already exist. ` +
    `paramName: FederatedIdentityCredential.Subject, paramValue: ${subject}, ` +
    'objectType: Microsoft.Online.DirectoryServices.Application';
  return invalid(message, 'documented');
}

/** 400: a value that a federated credential cannot have. UNVERIFIED: the text. */
export function invalidFederatedProperty(property: string, value: string): Fault {
  const name = `${property[0]?.toUpperCase() ?? ''}${property.slice(1)}`;
  const message =
    `Invalid value specified for property '${property}' of resource 'FederatedIdentityCredential'. ` +
    `paramName: FederatedIdentityCredential.${name}, paramValue: ${value}, ` +
    'objectType: Microsoft.Online.DirectoryServices.Application';
  return invalid(message, 'unverified');
}

/** 400: the application has as many as it may. UNVERIFIED: code and text; adding a twenty-first would settle them. */
export function tooManyFederatedCredentials(limit: number): Fault {
  const message = `The application has reached the limit of ${limit} federated identity credentials.`;
  return invalid(message, 'unverified');
}

function invalid(message: string, evidence: 'documented' | 'unverified'): Fault {
  return fault(400, 'InvalidFederatedIdentityCredentialValue', message, { evidence });
}
