export { type GitHubRunner, type GitHubRunningJob, githubRunner } from '../endpoints/github-id-token.js';
export { type GitHubJob, github } from './github.js';
export { type GitLabJob, gitlab } from './gitlab.js';
export { gitlabIdTokens } from './gitlab-id-tokens.js';
export {
  type TerraformModuleTest,
  type TerraformRun,
  terraformModuleTest,
  terraformRun,
} from './hcp-terraform.js';
export { type ServiceAccountToken, serviceAccount } from './kubernetes.js';
export { type NomadService, type NomadTask, nomadService, nomadTask } from './nomad.js';
export { type NomadTaskToken, nomadTaskToken } from './nomad-task-tokens.js';
export { type JwtSvid, jwtSvid } from './spiffe.js';
export { terraformRunVariables } from './terraform-run-variables.js';
export { keepTokenFile, type TokenFile, type TokenFileOptions } from './token-file.js';
