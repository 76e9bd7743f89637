import { isStrongPassword } from '#directory/password-rule.ts';
import type { User } from '#directory/user.store.ts';
import type { PlaneAction } from '#http/operation.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { sameName } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import { isJsonObject, type Json } from '#kernel/json.ts';
import { type UserChangeBody, userProfileNames } from './user-body.ts';

const actions = 'microsoft.directory/users';

/** Properties that a user may change of herself. */
const contactNames = ['businessPhones', 'mobilePhone', 'otherMails'];

/** The actions that a change of a user takes: one for each kind of property that the body names. */
export function actionsOfChange(body: unknown): readonly PlaneAction[] {
  const names = isJsonObject(body) ? Object.keys(body) : [];
  const changed = names.filter((name) => name !== 'id' && !name.startsWith('@'));
  const wanted = changed.map((name) => actionOf(name, body));
  return planeActions(wanted.length === 0 ? [`${actions}/basic/update`] : wanted);
}

/** Every action that a change of a user may take. */
export const actionsOfAnyChange: readonly PlaneAction[] = planeActions([
  `${actions}/basic/update`,
  `${actions}/contactInfo/update`,
  `${actions}/disable`,
  `${actions}/enable`,
  `${actions}/password/update`,
  `${actions}/userPrincipalName/update`,
]);

function actionOf(name: string, body: unknown): string {
  if (contactNames.includes(name)) return `${actions}/contactInfo/update`;
  switch (name) {
    case 'accountEnabled':
      return `${actions}/${isJsonObject(body) && body[name] === true ? 'enable' : 'disable'}`;
    case 'passwordProfile':
      return `${actions}/password/update`;
    case 'userPrincipalName':
      return `${actions}/userPrincipalName/update`;
    default:
      return `${actions}/basic/update`;
  }
}

function planeActions(names: readonly string[]): readonly PlaneAction[] {
  return [...new Set(names)].map((action) => ({ action, plane: 'control' }));
}

/** Why a new or changed user is not taken. */
export type UserProblem = 'userPrincipalName' | 'domain' | 'noPassword' | 'weakPassword';

/** Most characters of a user principal name: 64 before the sign and 48 behind it. */
const localPartMax = 64;
const domainMax = 48;

/**
 * What Entra would not take of a body. `domains` are the verified domains of the tenant; a new user needs a password.
 * Source: https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy#userprincipalname-policies-that-apply-to-all-user-accounts
 */
export function problemOfUser(
  body: UserChangeBody,
  domains: readonly string[],
  isNew: boolean,
): UserProblem | undefined {
  const { userPrincipalName, passwordProfile } = body;
  if (userPrincipalName !== undefined) {
    const at = userPrincipalName.lastIndexOf('@');
    const [local, domain] = [userPrincipalName.slice(0, at), userPrincipalName.slice(at + 1)];
    // UNVERIFIED: the dollar sign, which no page names and a recorded name has.
    if (at > localPartMax || !/^[A-Za-z0-9'.\-_!#^~$]+(?<!\.)$/.test(local)) {
      return 'userPrincipalName';
    }
    const isVerified = domains.some((one) => sameName(one, domain));
    if (domain.length > domainMax || !isVerified) return 'domain';
  }
  const password = passwordProfile?.password ?? undefined;
  if (password === undefined) return isNew ? 'noPassword' : undefined;
  return isStrongPassword(password) ? undefined : 'weakPassword';
}

/**
 * The user after a change at an instant; properties that are not mentioned stay, null takes one away. A new password ends all sign-ins
 * that were made with the old one.
 */
export function changedUser(user: User, body: UserChangeBody, at: Instant): User {
  const { givenName, surname, mail, mailNickname, jobTitle, mustChangePassword, ...rest } = user;
  const force = body.passwordProfile?.forceChangePasswordNextSignIn;
  const isNewPassword = typeof body.passwordProfile?.password === 'string';
  const signInSessionsValidFrom = strictlyAfter(user.signInSessionsValidFrom, at);
  const mustChange = force ?? (isNewPassword ? false : mustChangePassword);
  return {
    ...rest,
    userPrincipalName: body.userPrincipalName ?? rest.userPrincipalName,
    displayName: body.displayName ?? rest.displayName,
    accountEnabled: body.accountEnabled ?? rest.accountEnabled,
    ...text('givenName', body.givenName, givenName),
    ...text('surname', body.surname, surname),
    ...text('mail', body.mail, mail),
    ...text('mailNickname', body.mailNickname, mailNickname),
    ...text('jobTitle', body.jobTitle, jobTitle),
    ...(mustChange === true ? { mustChangePassword: true } : {}),
    ...(isNewPassword ? { lastPasswordChangeAt: at, signInSessionsValidFrom } : {}),
    profile: changedProfile(user, body),
  };
}

/** A text that a body sets, leaves or takes away. */
function text<Name extends string>(
  name: Name,
  wanted: string | null | undefined,
  known: string | undefined,
): { readonly [_ in Name]?: string } {
  const value = wanted === undefined ? known : (wanted ?? undefined);
  return (value === undefined ? {} : { [name]: value }) as { readonly [_ in Name]?: string };
}

function changedProfile(user: User, body: UserChangeBody): Readonly<Record<string, Json>> {
  const profile: Record<string, Json> = {};
  for (const name of userProfileNames) {
    const wanted = body[name as keyof UserChangeBody] as Json | undefined;
    const value = wanted === undefined ? user.profile?.[name] : wanted;
    if (value !== undefined && value !== null) profile[name] = value;
  }
  return profile;
}
