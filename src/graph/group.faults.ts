import { type Fault, fault } from '#kernel/fault.ts';

/** 400: only security groups can be written here; the text is that of public issue reports. */
export function mailEnabledGroup(): Fault {
  const message =
    'The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.';
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented' });
}

/**
 * 400: a group that is not assignable to roles holds no directory role.
 * Source: https://github.com/Microsoft365DSC/Microsoft365DSC/issues/879
 */
export function groupNotAssignableToRole(): Fault {
  const message = 'Groups without IsAssignableToRole property set cannot be assigned to roles.';
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented' });
}

/** 400: the directory role is an object of the tenant already. */
export function directoryRoleActive(): Fault {
  const message =
    'A conflicting object with one or more of the specified property values is present in the directory.';
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented' });
}
