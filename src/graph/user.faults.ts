import { type Fault, fault } from '#kernel/fault.ts';

/** 400: another user of the tenant has the name. The code and text are those of public issue reports. */
export function userPrincipalNameExists(): Fault {
  const message =
    'Another object with the same value for property userPrincipalName already exists.';
  return badRequest(message, 'userPrincipalName');
}

/** 400: the name has no verified domain of the tenant. The text is that of public issue reports. */
export function domainNotVerified(): Fault {
  const message =
    'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.';
  return badRequest(message, 'userPrincipalName');
}

/** 400: the name before the domain has a character or a length that no name has. */
export function invalidUserPrincipalName(): Fault {
  return badRequest('Property userPrincipalName is invalid.', 'userPrincipalName');
}

/** 400: a new user has no password. */
export function passwordMissing(): Fault {
  return badRequest('A password must be specified to create a new user.', 'passwordProfile');
}

/** 400: the new password is too simple. The text is that of public issue reports. */
export function passwordTooWeak(): Fault {
  const message =
    'The specified password does not comply with password complexity requirements. Please provide a different password.';
  return badRequest(message, 'passwordProfile');
}

/**
 * 400: the password that is to be replaced is another, or there is none. UNVERIFIED: the text; a change with a wrong password would
 * settle it.
 */
export function currentPasswordWrong(): Fault {
  return fault(400, 'Request_BadRequest', 'The specified current password is not valid.', {
    evidence: 'unverified',
    target: 'currentPassword',
  });
}

function badRequest(message: string, target: string): Fault {
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented', target });
}
