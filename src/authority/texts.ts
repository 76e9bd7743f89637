/** Every text of the pages, in one language. A text with `{0}` takes a word of the request. */
export interface Texts {
  /** Of the `lang` attribute. */
  readonly language: string;
  readonly signIn: string;
  readonly signInTo: string;
  readonly userName: string;
  readonly next: string;
  readonly back: string;
  readonly userNameUnknown: string;
  readonly enterPassword: string;
  readonly password: string;
  readonly forgotPassword: string;
  readonly passwordWrong: string;
  readonly accountLocked: string;
  readonly pickAccount: string;
  readonly useAnotherAccount: string;
  readonly signedInState: string;
  readonly whichSignsOut: string;
  readonly staySignedIn: string;
  readonly staySignedInWhy: string;
  readonly dontShowAgain: string;
  readonly yes: string;
  readonly no: string;
  readonly permissionsRequested: string;
  readonly unverified: string;
  readonly permissionsWhy: string;
  readonly onBehalfOfOrganization: string;
  readonly accept: string;
  readonly cancel: string;
  readonly cannotSignIn: string;
  readonly correlationId: string;
  readonly requestId: string;
  readonly timestamp: string;
  readonly signedOut: string;
  readonly signedOutWhy: string;
  readonly continueToApplication: string;
}

const english: Texts = {
  language: 'en',
  signIn: 'Sign in',
  signInTo: 'to continue to {0}',
  userName: 'Account name, like someone@example.com',
  next: 'Next',
  back: 'Back',
  userNameUnknown: 'This username may be incorrect. Make sure you typed it correctly.',
  enterPassword: 'Enter password',
  password: 'Password',
  forgotPassword: 'Forgot your password? Ask your administrator.',
  passwordWrong: 'Your account or password is incorrect.',
  accountLocked: 'Your account is temporarily locked to prevent unauthorized use. Try again later.',
  pickAccount: 'Pick an account',
  useAnotherAccount: 'Use another account',
  signedInState: 'Signed in',
  whichSignsOut: 'Which account do you want to sign out of?',
  staySignedIn: 'Stay signed in?',
  staySignedInWhy: 'Stay signed in in this browser, so that you are asked less often.',
  dontShowAgain: "Don't show this again",
  yes: 'Yes',
  no: 'No',
  permissionsRequested: 'Permissions requested',
  unverified: 'unverified',
  permissionsWhy: 'This application would like to:',
  onBehalfOfOrganization: 'Consent on behalf of your organization',
  accept: 'Accept',
  cancel: 'Cancel',
  cannotSignIn: "Sorry, but we're having trouble signing you in.",
  correlationId: 'Correlation ID',
  requestId: 'Request ID',
  timestamp: 'Timestamp',
  signedOut: 'You signed out of your account',
  signedOutWhy: 'It is a good idea to close all browser windows.',
  continueToApplication: 'Continue to the application',
};

const korean: Texts = {
  language: 'ko',
  signIn: '로그인',
  signInTo: '{0}(으)로 계속하려면',
  userName: '계정 이름(예: someone@example.com)',
  next: '다음',
  back: '뒤로',
  userNameUnknown: '이 사용자 이름이 잘못되었을 수 있습니다. 올바르게 입력했는지 확인하세요.',
  enterPassword: '암호 입력',
  password: '암호',
  forgotPassword: '암호를 잊으셨나요? 관리자에게 문의하세요.',
  passwordWrong: '계정 또는 암호가 올바르지 않습니다.',
  accountLocked: '무단 사용을 막기 위해 계정이 일시적으로 잠겼습니다. 나중에 다시 시도하세요.',
  pickAccount: '계정 선택',
  useAnotherAccount: '다른 계정 사용',
  signedInState: '로그인됨',
  whichSignsOut: '어떤 계정에서 로그아웃하시겠습니까?',
  staySignedIn: '로그인 상태를 유지하시겠습니까?',
  staySignedInWhy: '이 브라우저에서 로그인 상태를 유지하면 로그인 요청이 줄어듭니다.',
  dontShowAgain: '다시 표시 안 함',
  yes: '예',
  no: '아니요',
  permissionsRequested: '권한 요청됨',
  unverified: '확인되지 않음',
  permissionsWhy: '이 애플리케이션에서 요청하는 권한:',
  onBehalfOfOrganization: '조직을 대신하여 동의',
  accept: '수락',
  cancel: '취소',
  cannotSignIn: '죄송합니다. 로그인하는 동안 문제가 발생했습니다.',
  correlationId: '상관 관계 ID',
  requestId: '요청 ID',
  timestamp: '타임스탬프',
  signedOut: '계정에서 로그아웃했습니다',
  signedOutWhy: '모든 브라우저 창을 닫는 것이 좋습니다.',
  continueToApplication: '애플리케이션으로 계속',
};

const dutch: Texts = {
  language: 'nl',
  signIn: 'Aanmelden',
  signInTo: 'om door te gaan naar {0}',
  userName: 'Accountnaam, zoals iemand@example.com',
  next: 'Volgende',
  back: 'Vorige',
  userNameUnknown:
    'Deze gebruikersnaam is mogelijk onjuist. Controleer of u deze goed hebt getypt.',
  enterPassword: 'Wachtwoord invoeren',
  password: 'Wachtwoord',
  forgotPassword: 'Wachtwoord vergeten? Vraag het uw beheerder.',
  passwordWrong: 'Uw account of wachtwoord is onjuist.',
  accountLocked:
    'Uw account is tijdelijk vergrendeld om onbevoegd gebruik te voorkomen. Probeer het later opnieuw.',
  pickAccount: 'Kies een account',
  useAnotherAccount: 'Een ander account gebruiken',
  signedInState: 'Aangemeld',
  whichSignsOut: 'Bij welk account wilt u zich afmelden?',
  staySignedIn: 'Aangemeld blijven?',
  staySignedInWhy: 'Blijf in deze browser aangemeld, zodat u zich minder vaak hoeft aan te melden.',
  dontShowAgain: 'Niet meer weergeven',
  yes: 'Ja',
  no: 'Nee',
  permissionsRequested: 'Gevraagde machtigingen',
  unverified: 'niet geverifieerd',
  permissionsWhy: 'Deze toepassing wil graag:',
  onBehalfOfOrganization: 'Toestemming geven namens uw organisatie',
  accept: 'Accepteren',
  cancel: 'Annuleren',
  cannotSignIn: 'Er is een probleem bij het aanmelden.',
  correlationId: 'Correlatie-id',
  requestId: 'Aanvraag-id',
  timestamp: 'Tijdstempel',
  signedOut: 'U bent afgemeld bij uw account',
  signedOutWhy: 'Het is verstandig om alle browservensters te sluiten.',
  continueToApplication: 'Doorgaan naar de toepassing',
};

const simplifiedChinese: Texts = {
  language: 'zh-Hans',
  signIn: '登录',
  signInTo: '以继续访问 {0}',
  userName: '帐户名，例如 someone@example.com',
  next: '下一步',
  back: '后退',
  userNameUnknown: '此用户名可能不正确。请确认输入无误。',
  enterPassword: '输入密码',
  password: '密码',
  forgotPassword: '忘记了密码？请联系管理员。',
  passwordWrong: '你的帐户或密码不正确。',
  accountLocked: '你的帐户已被暂时锁定，以防止未经授权的使用。请稍后重试。',
  pickAccount: '选择帐户',
  useAnotherAccount: '使用其他帐户',
  signedInState: '已登录',
  whichSignsOut: '要注销哪个帐户？',
  staySignedIn: '保持登录状态?',
  staySignedInWhy: '在此浏览器中保持登录，可减少要求你登录的次数。',
  dontShowAgain: '不再显示此内容',
  yes: '是',
  no: '否',
  permissionsRequested: '请求的权限',
  unverified: '未验证',
  permissionsWhy: '此应用程序需要：',
  onBehalfOfOrganization: '代表组织同意',
  accept: '接受',
  cancel: '取消',
  cannotSignIn: '抱歉，登录时遇到问题。',
  correlationId: '相关 ID',
  requestId: '请求 ID',
  timestamp: '时间戳',
  signedOut: '你已注销帐户',
  signedOutWhy: '最好关闭所有浏览器窗口。',
  continueToApplication: '继续访问应用程序',
};

/** The languages of the pages; the first is taken when no other fits. */
export const catalogues: readonly Texts[] = [english, korean, dutch, simplifiedChinese];

/**
 * The texts for a list of languages in the form of `Accept-Language` or `ui_locales`, best first;
 * weights are not looked at, since browsers list by preference.
 */
export function textsFor(languages: string): Texts {
  for (const tag of languages.slice(0, 200).split(/[\s,]+/)) {
    const wanted = (tag.split(';')[0] ?? '').toLowerCase();
    if (/^zh-(hant|tw|hk|mo)\b/.test(wanted)) continue;
    const [primary = ''] = wanted.split('-');
    const found = catalogues.find(({ language }) => language.split('-')[0] === primary);
    if (found !== undefined) return found;
  }
  return english;
}

/** A text with words of the request in the places of `{0}`, `{1}`; a word is never looked into. */
export function filled(text: string, ...words: readonly string[]): string {
  return text.replace(/\{(\d)\}/g, (_place, index: string) => words[Number(index)] ?? '');
}
