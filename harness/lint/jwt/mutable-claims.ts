/** Claims that change, or that another may get later, and what stays. */
const instead: Readonly<Record<string, string>> = {
  actor: 'actor_id',
  base_ref: 'repository_id',
  build_branch: 'pipeline_id',
  email: 'sub',
  environment: 'repository_id',
  family_name: 'sub',
  given_name: 'sub',
  head_ref: 'repository_id',
  job_workflow_ref: 'repository_id',
  login: 'sub',
  name: 'sub',
  namespace_path: 'namespace_id',
  nickname: 'sub',
  organization_slug: 'organization_id',
  phone_number: 'sub',
  pipeline_slug: 'pipeline_id',
  preferred_username: 'sub',
  project_path: 'project_id',
  ref: 'repository_id or project_id',
  ref_path: 'project_id',
  repository: 'repository_id',
  repository_owner: 'repository_owner_id',
  terraform_full_workspace: 'terraform_workspace_id',
  terraform_organization_name: 'terraform_organization_id',
  terraform_project_name: 'terraform_project_id',
  terraform_workspace_name: 'terraform_workspace_id',
  unique_name: 'oid or sub',
  upn: 'oid or sub',
  user_email: 'user_id',
  user_login: 'user_id',
  username: 'sub',
  workflow: 'repository_id',
  workflow_ref: 'repository_id',
  '/kubernetes.io/serviceaccount/name': '/kubernetes.io/serviceaccount/uid',
};

/** Claims that say where or when a job runs, beside who it is. */
const CIRCUMSTANCES = [
  ...['base_ref', 'build_branch', 'environment', 'head_ref', 'job_workflow_ref', 'ref', 'ref_path', 'workflow'],
  ...['workflow_ref', '/kubernetes.io/serviceaccount/name'],
];

/** What stays in the place of a claim that changes, or that another may get later; undefined for any other. */
export function stableClaim(claim: string): string | undefined {
  const name = [claim, claim.replace(/^\//, '')].find((known) => Object.hasOwn(instead, known));
  return name === undefined ? undefined : instead[name];
}

/** The same for claims that alone say who somebody is. */
export function stableIdentity(claim: string): string | undefined {
  return CIRCUMSTANCES.includes(claim) ? undefined : stableClaim(claim);
}
