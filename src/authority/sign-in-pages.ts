import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { filled, type Texts } from './texts.ts';

/** What every page of one sign-in knows. Element ids and names are Entra's, as UI tests use them. */
export interface PageFrame {
  readonly texts: Texts;
  /** Path of the sign-in's forms, without the last segment. */
  readonly formBase: string;
  /** What the forms repeat of the query, so that every page speaks the language that was asked for. */
  readonly formQuery: string;
  /** Names the attempt, and proves that the form is ours. */
  readonly token: string;
  readonly organization: string | undefined;
  /** The application that wants the sign-in. */
  readonly appName: string;
}

/** Asks for the account name. */
export function userNamePage(frame: PageFrame, name: string, error?: string): Page {
  const { texts } = frame;
  const field = html`<label for="i0116">${texts.userName}</label>
<input id="i0116" name="loginfmt" type="email" autocomplete="username" autofocus required value="${name}"${describedBy(error, 'usernameError')}>
<div><input id="idSIButton9" class="first" type="submit" value="${texts.next}"></div>`;
  const body = html`<h1>${texts.signIn}</h1><p>${toContinue(frame)}</p>
${alert(error, 'usernameError')}${stepForm(frame, 'login', field)}`;
  return { ...frame, title: texts.signIn, body };
}

/** Asks for the password of an account. */
export function passwordPage(frame: PageFrame, name: string, error?: string): Page {
  const { texts } = frame;
  const field = html`<label for="i0118">${texts.password}</label>
<input id="i0118" name="passwd" type="password" autocomplete="current-password" autofocus required${describedBy(error, 'passwordError')}>
<p id="idA_PWD_ForgotPassword">${texts.forgotPassword}</p>
${choiceOf(texts.signIn, texts.back)}`;
  const body = html`<h1>${texts.enterPassword}</h1><p class="who" id="displayName"><bdi>${name}</bdi></p>
${alert(error, 'passwordError')}${stepForm(frame, 'login', field)}`;
  return { ...frame, title: texts.enterPassword, body };
}

/** Offers the accounts that are signed in, and any other. */
export function accountPage(frame: PageFrame, names: readonly string[]): Page {
  const { texts } = frame;
  const tiles = html`<div id="tilesHolder">${names.map(
    (name) => html`${accountTile('account', name, name, texts.signedInState)}\n`,
  )}<button class="tile" type="submit" name="account" value="other" id="otherTile" data-test-id="otherTile"><span id="otherTileText">${texts.useAnotherAccount}</span></button></div>`;
  const body = html`<h1 id="loginHeader">${texts.pickAccount}</h1><p>${toContinue(frame)}</p>${stepForm(frame, 'account', tiles)}`;
  return { ...frame, title: texts.pickAccount, body };
}

/** A button for an account: its name, what the form says when it is pressed, and its state. */
export function accountTile(field: string, value: string, name: string, state: string): Html {
  return html`<button class="tile" type="submit" name="${field}" value="${value}" data-test-id="${name}"><bdi>${name}</bdi><small>${state}</small></button>`;
}

/** Asks whether the browser keeps the sign-in. */
export function staySignedInPage(frame: PageFrame, name: string): Page {
  const { texts } = frame;
  const choice = html`<p>${texts.staySignedInWhy}</p><input type="hidden" name="stay" value="1">
<label><input id="KmsiCheckboxField" name="DontShowAgain" type="checkbox" value="true"> ${texts.dontShowAgain}</label>
${choiceOf(texts.yes, texts.no, html` autofocus`)}`;
  const body = html`<p class="who"><bdi>${name}</bdi></p><h1 id="kmsiTitle">${texts.staySignedIn}</h1>
${stepForm(frame, 'kmsi', choice)}`;
  return { ...frame, title: texts.staySignedIn, body };
}

function toContinue({ texts, appName }: PageFrame): string {
  return filled(texts.signInTo, `\u2068${appName}\u2069`);
}

/** A form of the sign-in: what is sent belongs to the attempt, and goes to the path of the step. */
export function stepForm(
  { formBase, formQuery, token }: PageFrame,
  step: string,
  fields: Html,
): Html {
  return html`<form method="post" action="${formBase}/${step}${formQuery}"><input type="hidden" name="flowToken" value="${token}">${fields}</form>`;
}

/**
 * The two buttons of a page, which are inputs, as UI tests of Entra's pages look for them. A hidden
 * field says what the form means; the second button takes it back by `back`.
 */
export function choiceOf(yes: string, no: string, more?: Html): Html {
  return html`<div><input id="idSIButton9" class="first" type="submit" value="${yes}"${more}>
<input id="idBtn_Back" type="submit" name="back" value="${no}" formnovalidate></div>`;
}

function alert(error: string | undefined, id: string): Html | undefined {
  return error === undefined ? undefined : html`<p role="alert" id="${id}">${error}</p>`;
}

function describedBy(error: string | undefined, id: string): Html | undefined {
  return error === undefined ? undefined : html` aria-invalid="true" aria-describedby="${id}"`;
}
