import type { Texts } from './texts.ts';

/** The texts of device sign-in, in one language; a text with `{0}` takes a word of the request. */
export interface DeviceTexts {
  /** What a client shows its person; `{0}` is the page and `{1}` the code. */
  readonly message: string;
  readonly enterCode: string;
  readonly enterCodeWhy: string;
  readonly code: string;
  readonly codeUnknown: string;
  readonly codeExpired: string;
  readonly confirm: string;
  readonly confirmWhy: string;
  readonly requestFrom: string;
  readonly continueSignIn: string;
  readonly signedIn: string;
  readonly declined: string;
  readonly closeWindow: string;
}

const english: DeviceTexts = {
  message:
    'To sign in, use a web browser to open the page {0} and enter the code {1} to authenticate.',
  enterCode: 'Enter code',
  enterCodeWhy: 'Enter the code displayed on your app or device.',
  code: 'Code',
  codeUnknown: "That code didn't work. Check the code and try again.",
  codeExpired: 'That code has expired. Start again on your device to get a new one.',
  confirm: 'Are you trying to sign in to {0}?',
  confirmWhy:
    'You are signing in to {0} on another device. If somebody else sent you this code, or you did not ask for it, choose Cancel.',
  requestFrom: 'The request came from',
  continueSignIn: 'Continue',
  signedIn: 'You have signed in to the {0} application on your device.',
  declined: 'The sign-in to {0} was cancelled.',
  closeWindow: 'You may now close this window.',
};

const korean: DeviceTexts = {
  message:
    '로그인하려면 웹 브라우저를 사용하여 {0} 페이지를 열고 코드 {1}을(를) 입력하여 인증하세요.',
  enterCode: '코드 입력',
  enterCodeWhy: '앱이나 디바이스에 표시된 코드를 입력하세요.',
  code: '코드',
  codeUnknown: '해당 코드가 작동하지 않습니다. 코드를 확인하고 다시 시도하세요.',
  codeExpired: '해당 코드가 만료되었습니다. 디바이스에서 다시 시작하여 새 코드를 받으세요.',
  confirm: '{0}에 로그인하려고 하나요?',
  confirmWhy:
    '다른 디바이스에서 {0}에 로그인하는 중입니다. 다른 사람이 이 코드를 보냈거나 직접 요청하지 않은 경우 취소를 선택하세요.',
  requestFrom: '요청한 위치',
  continueSignIn: '계속',
  signedIn: '디바이스에서 {0} 애플리케이션에 로그인했습니다.',
  declined: '{0}에 대한 로그인이 취소되었습니다.',
  closeWindow: '이제 이 창을 닫아도 됩니다.',
};

const dutch: DeviceTexts = {
  message:
    'Als u zich wilt aanmelden, opent u de pagina {0} in een webbrowser en voert u de code {1} in om te verifiëren.',
  enterCode: 'Code invoeren',
  enterCodeWhy: 'Voer de code in die in uw app of op uw apparaat wordt weergegeven.',
  code: 'Code',
  codeUnknown: 'Die code werkt niet. Controleer de code en probeer het opnieuw.',
  codeExpired: 'Die code is verlopen. Begin opnieuw op uw apparaat voor een nieuwe code.',
  confirm: 'Probeert u zich aan te melden bij {0}?',
  confirmWhy:
    'U meldt zich op een ander apparaat aan bij {0}. Kies Annuleren als iemand anders u deze code heeft gestuurd of als u er niet om hebt gevraagd.',
  requestFrom: 'De aanvraag kwam van',
  continueSignIn: 'Doorgaan',
  signedIn: 'U bent op uw apparaat aangemeld bij de toepassing {0}.',
  declined: 'De aanmelding bij {0} is geannuleerd.',
  closeWindow: 'U kunt dit venster nu sluiten.',
};

const simplifiedChinese: DeviceTexts = {
  message: '若要登录，请使用 Web 浏览器打开页面 {0} 并输入代码 {1} 以进行身份验证。',
  enterCode: '输入代码',
  enterCodeWhy: '请输入应用或设备上显示的代码。',
  code: '代码',
  codeUnknown: '该代码无效。请检查代码并重试。',
  codeExpired: '该代码已过期。请在设备上重新开始以获取新代码。',
  confirm: '你是否正在尝试登录到 {0}?',
  confirmWhy:
    '你正在另一台设备上登录到 {0}。如果此代码是他人发送给你的，或者你并未请求此代码，请选择“取消”。',
  requestFrom: '请求来自',
  continueSignIn: '继续',
  signedIn: '你已在设备上登录到应用程序 {0}。',
  declined: '已取消登录到 {0}。',
  closeWindow: '现在可以关闭此窗口。',
};

const byLanguage: ReadonlyMap<string, DeviceTexts> = new Map([
  ['ko', korean],
  ['nl', dutch],
  ['zh-Hans', simplifiedChinese],
]);

/** The texts of device sign-in in the language of other texts. */
export function deviceTextsIn({ language }: Texts): DeviceTexts {
  return byLanguage.get(language) ?? english;
}
