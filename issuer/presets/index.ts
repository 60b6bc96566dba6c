export { type GitHubRunner, type GitHubRunningJob, githubRunner } from '../endpoints/github-id-token.js';
export { keepTokenFile, type TokenFile, type TokenFileOptions } from '../tokens/token-file.js';
export { type AwsPrincipal, aws } from './aws.js';
export { type AzureServiceConnection, azureServiceConnection } from './azure-devops.js';
export { type BitbucketStep, bitbucket } from './bitbucket.js';
export { type BuildkiteJob, buildkite } from './buildkite.js';
export { type CircleciJob, circleci } from './circleci.js';
export { type EntraWorkload, entra } from './entra.js';
export { type GitHubJob, github } from './github.js';
export { type GitLabJob, gitlab, gitlabIdTokens } from './gitlab.js';
export { type GoogleServiceAccount, google } from './google.js';
export {
  type TerraformModuleTest,
  type TerraformRun,
  terraformModuleTest,
  terraformRun,
  terraformRunVariables,
} from './hcp-terraform.js';
export { type ServiceAccountToken, serviceAccount } from './kubernetes.js';
export {
  type NomadService,
  type NomadTask,
  type NomadTaskToken,
  nomadService,
  nomadTask,
  nomadTaskToken,
} from './nomad.js';
export { type JwtSvid, jwtSvid } from './spiffe.js';
