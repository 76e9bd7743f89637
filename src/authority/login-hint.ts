const prefix = 'O.';

/**
 * The `login_hint` claim: a text that means nothing to who reads it, and names the user again when
 * it comes back as the parameter of that name.
 * Source: https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
 */
export function loginHintOf(userPrincipalName: string): string {
  return `${prefix}${Buffer.from(userPrincipalName).toString('base64url')}`;
}

/** True for a text as the claim has it. */
export function isLoginHint(text: string): boolean {
  return /^O\.[\w-]+$/.test(text);
}

/** The name in a `login_hint` parameter: written out, or as the claim has it. */
export function nameInLoginHint(loginHint: string): string {
  return isLoginHint(loginHint)
    ? Buffer.from(loginHint.slice(prefix.length), 'base64url').toString('utf8')
    : loginHint;
}
