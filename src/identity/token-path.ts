/** Where each form of the endpoint answers, below the origin. */
export const tokenPaths = {
  instanceMetadata: '/metadata/identity/oauth2/token',
  appService: '/msi/token',
  machineLearning: '/msi/auth',
  cloudShell: (credential: string) => `/cloudshell/${credential}/oauth2/token`,
};
