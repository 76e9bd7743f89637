/**
 * What to do about a refusal, by its code: one sentence for the person who reads the error. Codes that already say it, or whose cure
 * depends on more than the code, are not here.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const advice: Readonly<Record<string, string>> = {
  AADSTS50011:
    'Register the redirect URI with the application, of the type that it is used as (web, public client); a program on a desktop needs http://localhost.',
  AADSTS50034: 'Check the user name; the account must be in the tenant that is signed in to.',
  AADSTS50053: 'The account is locked for a while; wait, and sign in with the right password.',
  AADSTS50055: 'The password has expired; the person sets a new one by signing in on the page.',
  AADSTS50057: 'An administrator must enable the account again.',
  AADSTS50059: 'Name the tenant: its GUID or one of its domains.',
  AADSTS50105: 'Assign the user to the application, or switch off that assignment is required.',
  AADSTS50126: 'Check user name and password.',
  AADSTS50132: 'The session was revoked or the password changed; sign in again.',
  AADSTS50173: 'The password changed or the sign-ins were revoked; sign in again.',
  AADSTS50194: 'The application belongs to one tenant; name that tenant instead of common.',
  AADSTS65001:
    'Consent is missing: sign in once on the page and accept, or let an administrator consent for everybody.',
  AADSTS65004: 'The person declined what the application asks for.',
  AADSTS70008: 'The code or the sign-in is too old; sign in again.',
  AADSTS70020: 'The code was not used in time; ask for a new one.',
  AADSTS70043: 'The sign-in is too old; sign in again.',
  AADSTS90002: 'Check the tenant, and that the cloud is the right one.',
  AADSTS90072: 'The account is not in this tenant; use one that is, or invite it.',
  AADSTS500011:
    'The tenant does not know this resource: check the cloud, and the resource to the letter.',
  AADSTS501051:
    'Assign the application to a role of the resource, or switch off that assignment is required.',
  AADSTS650057:
    'Add the permission to the application: for Azure Batch, API permissions, user_impersonation.',
  AADSTS700016:
    'Check the application id, the tenant and the cloud: the tenant has no such application.',
  AADSTS700024: 'Check the clock of this machine; the assertion is not valid at this time.',
  AADSTS700027:
    'Upload this certificate to the application; a renewed certificate must be uploaded too.',
  AADSTS700082: 'The sign-in was not used for too long; sign in again.',
  AADSTS700211: 'The federated credential names another issuer than the token does.',
  AADSTS700212: 'The federated credential names another audience than the token does.',
  AADSTS700213: 'The federated credential names another subject than the token does.',
  AADSTS700025: 'A public client has no secret; sign in without one, or register it as web.',
  AADSTS7000112: 'An administrator must enable the application in this tenant again.',
  AADSTS7000215:
    'Use the value of the secret and not its id; it is shown only once, so make a new one if it is lost.',
  AADSTS7000218:
    'The application is no public client: give it a secret or a certificate, or allow public client flows.',
  AADSTS7000222: 'Make a new secret; this one has expired.',
  AADSTS7000229: 'Make the service principal of the application in this tenant.',
  authority_uri_insecure: 'The authority host begins with https://.',
  authorization_declined: 'The person declined on the page.',
  device_code_expired: 'The code was not used in time; ask for a new one.',
  expired_token: 'The code was not used in time; ask for a new one.',
  invalid_client_credential: 'The secret is empty.',
  missing_tenant_id_error:
    'A service principal names its tenant; common and organizations are not enough.',
  no_tokens_found: 'Send the person to the sign-in page again.',
  nonce_mismatch: 'The answer belongs to another sign-in; begin again.',
};

/** What to do about a refusal with this code of Entra, OAuth or MSAL; undefined when nothing general can be said. */
export function adviceFor(code: string): string | undefined {
  return Object.hasOwn(advice, code) ? advice[code] : undefined;
}
