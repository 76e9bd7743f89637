import type { Texts } from './texts.ts';

/** The texts of the page that takes a new password, in one language. */
export interface NewPasswordTexts {
  readonly update: string;
  readonly updateWhy: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly confirmPassword: string;
  readonly mismatch: string;
  readonly weak: string;
  readonly same: string;
}

const english: NewPasswordTexts = {
  update: 'Update your password',
  updateWhy:
    'You need to update your password because this is the first time you are signing in, or because your password has expired.',
  currentPassword: 'Current password',
  newPassword: 'New password',
  confirmPassword: 'Confirm password',
  mismatch: 'Passwords do not match.',
  weak: 'Choose a password of at least 8 characters with three of these: small letters, capital letters, digits, symbols.',
  same: 'Choose a password that is not your current one.',
};

const korean: NewPasswordTexts = {
  update: '암호 업데이트',
  updateWhy: '처음 로그인하거나 암호가 만료되었으므로 암호를 업데이트해야 합니다.',
  currentPassword: '현재 암호',
  newPassword: '새 암호',
  confirmPassword: '암호 확인',
  mismatch: '암호가 일치하지 않습니다.',
  weak: '소문자, 대문자, 숫자, 기호 중 세 가지를 포함하여 8자 이상의 암호를 선택하세요.',
  same: '현재 암호와 다른 암호를 선택하세요.',
};

const dutch: NewPasswordTexts = {
  update: 'Uw wachtwoord bijwerken',
  updateWhy:
    'U moet uw wachtwoord bijwerken omdat u zich voor het eerst aanmeldt of omdat uw wachtwoord is verlopen.',
  currentPassword: 'Huidig wachtwoord',
  newPassword: 'Nieuw wachtwoord',
  confirmPassword: 'Wachtwoord bevestigen',
  mismatch: 'De wachtwoorden komen niet overeen.',
  weak: 'Kies een wachtwoord van ten minste 8 tekens met drie van deze soorten: kleine letters, hoofdletters, cijfers, symbolen.',
  same: 'Kies een ander wachtwoord dan uw huidige.',
};

const simplifiedChinese: NewPasswordTexts = {
  update: '更新密码',
  updateWhy: '由于你是首次登录，或者密码已过期，你需要更新密码。',
  currentPassword: '当前密码',
  newPassword: '新密码',
  confirmPassword: '确认密码',
  mismatch: '密码不匹配。',
  weak: '请选择至少包含 8 个字符的密码，并使用小写字母、大写字母、数字和符号中的三种。',
  same: '请选择与当前密码不同的密码。',
};

const byLanguage: ReadonlyMap<string, NewPasswordTexts> = new Map([
  ['ko', korean],
  ['nl', dutch],
  ['zh-Hans', simplifiedChinese],
]);

/** The texts of that page in the language of other texts. */
export function newPasswordTextsIn({ language }: Texts): NewPasswordTexts {
  return byLanguage.get(language) ?? english;
}
