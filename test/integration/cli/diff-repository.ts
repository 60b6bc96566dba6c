import { execa } from 'execa';

/** HCL of a role whose policy reads `app`, and whose `ref` is a glob. */
export const roleInHcl = (ref: string): string => `
resource "vault_policy" "app" {
  name   = "app"
  policy = "path \\"kv/data/app/*\\" { capabilities = [\\"read\\"] }"
}
resource "vault_jwt_auth_backend_role" "ci" {
  backend           = "jwt"
  role_name         = "ci"
  role_type         = "jwt"
  user_claim        = "sub"
  bound_audiences   = ["vault"]
  bound_claims_type = "glob"
  bound_claims      = { ref = "${ref}" }
  token_policies    = ["app"]
}
`;

/** Runs git in a folder, as nobody in particular. */
export function git(cwd: string, ...args: readonly string[]) {
  return execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd });
}
