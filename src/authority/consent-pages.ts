import type { AppRole, DelegatedPermission } from '#directory/application.ts';
import type { ResourcePermissions } from './consent.ts';
import { type ConsentTexts, consentTextsIn } from './consent-texts.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { choiceOf, type PageFrame, stepForm } from './sign-in-pages.ts';
import { filled } from './texts.ts';

/**
 * For whom a consent counts: for the user, for her or everybody as she chooses, or for everybody,
 * because an administrator was asked as such.
 */
export type ConsentAudience = 'user' | 'userOrEverybody' | 'everybody';

/**
 * Shows what the application wants, each permission by its resource. Nobody vouches for an
 * application here, so each is unverified, however it calls itself.
 * Source: https://learn.microsoft.com/entra/identity-platform/application-consent-experience
 */
export function consentPage(
  frame: PageFrame,
  name: string,
  wanted: readonly ResourcePermissions[],
  audience: ConsentAudience,
): Page {
  const { texts } = frame;
  const own = consentTextsIn(texts);
  const everybody = html`<label><input type="checkbox" id="adminConsent" name="everybody" value="1"> ${texts.onBehalfOfOrganization}</label>`;
  const choice = html`${audience === 'userOrEverybody' ? everybody : undefined}
<input type="hidden" name="consent" value="accept">${choiceOf(texts.accept, texts.cancel)}`;
  const isForAll = audience === 'everybody';
  const title = isForAll ? own.reviewForOrganization : texts.permissionsRequested;
  const body = html`<p class="who"><bdi>${name}</bdi></p><h1>${texts.permissionsRequested}</h1>
${isForAll ? html`<p>${own.reviewForOrganization}</p>` : undefined}
<p><strong><bdi>${frame.appName}</bdi></strong> (${texts.unverified})</p><p>${texts.permissionsWhy}</p>
${wanted.map((one) => resourceList(one, isForAll, own))}
${isForAll ? html`<p>${own.acceptedForOrganization}</p>` : undefined}${stepForm(frame, 'consent', choice)}`;
  return { ...frame, title, body };
}

/** Says that only an administrator can go on, and lets one. */
export function approvalPage(frame: PageFrame, name: string, refusal: string): Page {
  const own = consentTextsIn(frame.texts);
  const choice = html`<button class="tile" type="submit" name="consent" value="other" id="otherTile">${own.haveAdminAccount}</button>
<button class="tile" type="submit" name="consent" value="decline" id="idBtn_Back">${own.returnWithout}</button>`;
  const why = filled(own.needApprovalWhy, `\u2068${frame.appName}\u2069`);
  const body = html`<p class="who"><bdi>${name}</bdi></p><h1>${own.needApproval}</h1>
<p><strong><bdi>${frame.appName}</bdi></strong> (${frame.texts.unverified})</p><p>${why}</p>
<p id="exceptionMessageContainer">${refusal}</p>${stepForm(frame, 'consent', choice)}`;
  return { ...frame, title: own.needApproval, body };
}

function resourceList(
  { holder, resource, permissions, appRoles = [] }: ResourcePermissions,
  isForAll: boolean,
  { byItself, forApi }: ConsentTexts,
): Html {
  const delegated = permissions.map((one) => permissionItem(one, isForAll));
  const own = appRoles.map((one) => appRoleItem(one, byItself));
  const whose =
    holder === undefined
      ? undefined
      : html`<p>${filled(forApi, `\u2068${holder.displayName}\u2069`)}</p>`;
  return html`<section><h2><bdi>${resource.displayName}</bdi></h2>${whose}<dl>${[...delegated, ...own]}</dl></section>`;
}

/** An administrator reads what was written for administrators. */
function permissionItem(one: DelegatedPermission, isForAll: boolean): Html {
  const { userConsentDisplayName, adminConsentDisplayName, value } = one;
  const { userConsentDescription, adminConsentDescription } = one;
  const names = [userConsentDisplayName, adminConsentDisplayName];
  const descriptions = [userConsentDescription, adminConsentDescription];
  const first = (texts: readonly (string | undefined)[]) =>
    (isForAll ? texts.toReversed() : texts).find((text) => text !== undefined && text !== '');
  return html`<dt><bdi>${first(names) ?? value}</bdi></dt><dd><bdi>${first(descriptions) ?? ''}</bdi> (${value})</dd>`;
}

function appRoleItem({ displayName, description, value = '' }: AppRole, byItself: string): Html {
  return html`<dt><bdi>${displayName}</bdi> (${byItself})</dt><dd><bdi>${description}</bdi> (${value})</dd>`;
}
