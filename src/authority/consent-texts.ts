import type { Texts } from './texts.ts';

/**
 * The texts of consent beyond a user's own, in one language; `{0}` takes the name of the application,
 * or of the API in `forApi`.
 */
export interface ConsentTexts {
  readonly needApproval: string;
  readonly needApprovalWhy: string;
  readonly haveAdminAccount: string;
  readonly returnWithout: string;
  readonly reviewForOrganization: string;
  readonly acceptedForOrganization: string;
  readonly byItself: string;
  readonly forApi: string;
}

const english: ConsentTexts = {
  needApproval: 'Need admin approval',
  needApprovalWhy:
    '{0} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.',
  haveAdminAccount: 'Have an admin account? Sign in with that account',
  returnWithout: 'Return to the application without granting consent',
  reviewForOrganization: 'Review for your organization',
  acceptedForOrganization:
    'If you accept, this app will get access to the specified resources for all users in your organization. No one else will be prompted to review these permissions.',
  byItself: 'by itself, without a signed-in user',
  forApi: 'for {0}, which this app works with',
};

const korean: ConsentTexts = {
  needApproval: '관리자 승인 필요',
  needApprovalWhy:
    '{0}에는 관리자만 부여할 수 있는 조직의 리소스에 액세스할 권한이 필요합니다. 이 앱을 사용하려면 먼저 관리자에게 권한을 요청하세요.',
  haveAdminAccount: '관리자 계정이 있나요? 해당 계정으로 로그인하세요.',
  returnWithout: '동의하지 않고 애플리케이션으로 돌아가기',
  reviewForOrganization: '조직을 위해 검토',
  acceptedForOrganization:
    '수락하면 이 앱이 조직의 모든 사용자에 대해 지정된 리소스에 액세스할 수 있습니다. 다른 사람에게는 이러한 권한을 검토하라는 메시지가 표시되지 않습니다.',
  byItself: '로그인한 사용자 없이 자체적으로',
  forApi: '이 앱과 함께 작동하는 {0}에 필요한 권한',
};

const dutch: ConsentTexts = {
  needApproval: 'Goedkeuring van beheerder vereist',
  needApprovalWhy:
    '{0} heeft toegang nodig tot resources in uw organisatie die alleen door een beheerder kan worden verleend. Vraag een beheerder om deze app toegang te geven voordat u deze gebruikt.',
  haveAdminAccount: 'Hebt u een beheerdersaccount? Meld u aan met dat account',
  returnWithout: 'Terug naar de toepassing zonder toestemming te geven',
  reviewForOrganization: 'Beoordelen voor uw organisatie',
  acceptedForOrganization:
    'Als u accepteert, krijgt deze app toegang tot de opgegeven resources voor alle gebruikers in uw organisatie. Niemand anders wordt gevraagd deze machtigingen te beoordelen.',
  byItself: 'zelfstandig, zonder aangemelde gebruiker',
  forApi: 'voor {0}, waarmee deze app samenwerkt',
};

const simplifiedChinese: ConsentTexts = {
  needApproval: '需要管理员批准',
  needApprovalWhy:
    '{0} 需要访问你的组织中仅管理员可以授予权限的资源。请先请求管理员向此应用授予权限，然后再使用它。',
  haveAdminAccount: '有管理员帐户吗? 使用该帐户登录',
  returnWithout: '不授予同意并返回到应用程序',
  reviewForOrganization: '为你的组织审阅',
  acceptedForOrganization:
    '如果接受，此应用将能够代表你组织中的所有用户访问指定的资源。不会再提示其他任何人审阅这些权限。',
  byItself: '由其自身，无需已登录用户',
  forApi: '供与此应用配合使用的 {0} 使用',
};

const byLanguage: ReadonlyMap<string, ConsentTexts> = new Map([
  ['ko', korean],
  ['nl', dutch],
  ['zh-Hans', simplifiedChinese],
]);

/** The texts of consent in the language of other texts. */
export function consentTextsIn({ language }: Texts): ConsentTexts {
  return byLanguage.get(language) ?? english;
}
