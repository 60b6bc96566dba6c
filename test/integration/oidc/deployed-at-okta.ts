/** A login in a browser as it is deployed: nothing of it is written for tests. */
export const deployedAtOkta = `
resource "vault_jwt_auth_backend" "okta" {
  path               = "oidc"
  type               = "oidc"
  oidc_discovery_url = "https://acme.okta.com"
  bound_issuer       = "https://acme.okta.com"
  oidc_client_id     = "0oa1b2c3"
  oidc_client_secret = "a secret of Okta's"
  default_role       = "admin"
}
resource "vault_jwt_auth_backend_role" "admin" {
  backend               = vault_jwt_auth_backend.okta.path
  role_name             = "admin"
  role_type             = "oidc"
  user_claim            = "email"
  groups_claim          = "groups"
  bound_claims          = { groups = "vault-admins" }
  oidc_scopes           = ["profile", "email", "groups"]
  allowed_redirect_uris = ["http://localhost:8250/oidc/callback"]
  token_policies        = [vault_policy.admin.name]
}
resource "vault_policy" "admin" {
  name   = "admin"
  policy = "path \\"secret/*\\" { capabilities = [\\"read\\"] }"
}
resource "vault_mount" "secret" {
  path    = "secret"
  type    = "kv"
  options = { version = "1" }
}
`;
