import { type Html, html } from './html.ts';
import { newPasswordTextsIn } from './new-password-texts.ts';
import type { Page } from './page.ts';
import { type PageFrame, stepForm } from './sign-in-pages.ts';

/** Why a new password was not taken. */
export type NewPasswordError = 'wrong' | 'locked' | 'mismatch' | 'weak' | 'same';

/**
 * Takes a new password from someone who has to change hers. UNVERIFIED: the ids and names of the
 * fields; a page that Entra shows would settle them.
 */
export function newPasswordPage(frame: PageFrame, name: string, error?: NewPasswordError): Page {
  const { texts } = frame;
  const own = newPasswordTextsIn(texts);
  const described = error && html` aria-invalid="true" aria-describedby="newPasswordError"`;
  const field = (id: string, key: string, label: string, autocomplete: string, more?: Html) =>
    html`<label for="${id}">${label}</label>
<input id="${id}" name="${key}" type="password" autocomplete="${autocomplete}" required${more}${described}>
`;
  const alert = error && html`<p role="alert" id="newPasswordError">${errorText(frame, error)}</p>`;
  const fields = html`${field('currentPassword', 'oldpasswd', own.currentPassword, 'current-password', html` autofocus`)}${field('newPassword', 'newpasswd', own.newPassword, 'new-password')}${field('confirmNewPassword', 'confirmnewpasswd', own.confirmPassword, 'new-password')}<div><input id="idSIButton9" class="first" type="submit" value="${texts.signIn}"></div>`;
  const body = html`<h1>${own.update}</h1><p class="who" id="displayName"><bdi>${name}</bdi></p><p>${own.updateWhy}</p>
${alert}${stepForm(frame, 'updatepassword', fields)}`;
  return { ...frame, title: own.update, body };
}

function errorText({ texts }: PageFrame, error: NewPasswordError): string {
  const own = newPasswordTextsIn(texts);
  switch (error) {
    case 'wrong':
      return texts.passwordWrong;
    case 'locked':
      return texts.accountLocked;
    case 'mismatch':
    case 'weak':
    case 'same':
      return own[error];
  }
}
