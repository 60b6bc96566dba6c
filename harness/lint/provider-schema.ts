/** The resources and data sources of the provider `vault`, without `vault_`. */
const VAULT = `
  ad_access_credentials ad_secret_backend ad_secret_library ad_secret_role alicloud_auth_backend_role
  approle_auth_backend_login approle_auth_backend_role approle_auth_backend_role_id
  approle_auth_backend_role_secret_id audit audit_request_header auth_backend auth_backends
  aws_access_credentials aws_auth_backend_cert aws_auth_backend_client aws_auth_backend_config_identity
  aws_auth_backend_identity_whitelist aws_auth_backend_login aws_auth_backend_role aws_auth_backend_role_tag
  aws_auth_backend_roletag_blacklist aws_auth_backend_sts_role aws_secret_backend aws_secret_backend_role
  aws_secret_backend_static_role aws_static_access_credentials azure_access_credentials
  azure_auth_backend_config azure_auth_backend_role azure_secret_backend azure_secret_backend_role
  azure_secret_backend_static_role cert_auth_backend_role config_ui_custom_message consul_secret_backend
  consul_secret_backend_role database_secret_backend_connection database_secret_backend_role
  database_secret_backend_static_role database_secrets_mount egp_policy gcp_auth_backend gcp_auth_backend_role
  gcp_secret_backend gcp_secret_impersonated_account gcp_secret_roleset gcp_secret_static_account
  generic_endpoint generic_secret github_auth_backend github_team github_user identity_entity
  identity_entity_alias identity_entity_policies identity_group identity_group_alias
  identity_group_member_entity_ids identity_group_member_group_ids identity_group_policies identity_mfa_duo
  identity_mfa_login_enforcement identity_mfa_okta identity_mfa_pingid identity_mfa_totp identity_oidc
  identity_oidc_assignment identity_oidc_client identity_oidc_client_creds identity_oidc_key
  identity_oidc_key_allowed_client_id identity_oidc_openid_config identity_oidc_provider
  identity_oidc_public_keys identity_oidc_role identity_oidc_scope jwt_auth_backend jwt_auth_backend_role
  kmip_secret_backend kmip_secret_role kmip_secret_scope kubernetes_auth_backend_config
  kubernetes_auth_backend_role kubernetes_secret_backend kubernetes_secret_backend_role
  kubernetes_service_account_token kv_secret kv_secret_backend_v2 kv_secret_subkeys_v2 kv_secret_v2
  kv_secrets_list kv_secrets_list_v2 ldap_auth_backend ldap_auth_backend_group ldap_auth_backend_user
  ldap_dynamic_credentials ldap_secret_backend ldap_secret_backend_dynamic_role ldap_secret_backend_library_set
  ldap_secret_backend_static_role ldap_static_credentials managed_keys mfa_duo mfa_okta mfa_pingid mfa_totp
  mongodbatlas_secret_backend mongodbatlas_secret_role mount namespace namespaces nomad_access_token
  nomad_secret_backend nomad_secret_role oci_auth_backend oci_auth_backend_role okta_auth_backend
  okta_auth_backend_group okta_auth_backend_user password_policy pki_secret_backend_acme_eab
  pki_secret_backend_cert pki_secret_backend_cert_metadata pki_secret_backend_config_acme
  pki_secret_backend_config_auto_tidy pki_secret_backend_config_ca pki_secret_backend_config_cluster
  pki_secret_backend_config_cmpv2 pki_secret_backend_config_est pki_secret_backend_config_issuers
  pki_secret_backend_config_scep pki_secret_backend_config_urls pki_secret_backend_crl_config
  pki_secret_backend_intermediate_cert_request pki_secret_backend_intermediate_set_signed
  pki_secret_backend_issuer pki_secret_backend_issuers pki_secret_backend_key pki_secret_backend_keys
  pki_secret_backend_role pki_secret_backend_root_cert pki_secret_backend_root_sign_intermediate
  pki_secret_backend_sign plugin plugin_pinned_version policy policy_document quota_lease_count
  quota_rate_limit rabbitmq_secret_backend rabbitmq_secret_backend_role raft_autopilot raft_autopilot_state
  raft_snapshot_agent_config rgp_policy saml_auth_backend saml_auth_backend_role scep_auth_backend_role
  secrets_sync_association secrets_sync_aws_destination secrets_sync_azure_destination secrets_sync_config
  secrets_sync_gcp_destination secrets_sync_gh_destination secrets_sync_github_apps
  secrets_sync_vercel_destination spiffe_auth_backend_config spiffe_auth_backend_role ssh_secret_backend_ca
  ssh_secret_backend_role ssh_secret_backend_sign terraform_cloud_secret_backend terraform_cloud_secret_creds
  terraform_cloud_secret_role token token_auth_backend_role transform_alphabet transform_decode
  transform_encode transform_role transform_template transform_transformation transit_cmac transit_decrypt
  transit_encrypt transit_secret_backend_key transit_secret_cache_config transit_sign transit_verify
`;

/** Those of the provider `consul`, without `consul_`. */
const CONSUL = `
  acl_auth_method acl_binding_rule acl_policy acl_role acl_role_policy_attachment acl_token
  acl_token_policy_attachment acl_token_role_attachment acl_token_secret_id admin_partition agent_config
  agent_self agent_service autopilot_config autopilot_health catalog_entry catalog_nodes catalog_service
  catalog_services certificate_authority config_entry config_entry_service_defaults
  config_entry_service_intentions config_entry_service_resolver config_entry_service_router
  config_entry_service_splitter config_entry_v2_exported_services datacenters intention key_prefix keys license
  namespace namespace_policy_attachment namespace_role_attachment network_area network_area_members
  network_segments node nodes peering peering_token peerings prepared_query service service_health services
`;

/** The resources and data sources of both providers. */
export const providerTypes: ReadonlySet<string> = new Set([
  ...words(VAULT).map((name) => `vault_${name}`),
  ...words(CONSUL).map((name) => `consul_${name}`),
]);

/** What roles of all auth methods have. */
const TOKEN = `
  alias_metadata token_bound_cidrs token_explicit_max_ttl token_max_ttl token_no_default_policy token_num_uses
  token_period token_policies token_ttl token_type
`;

/** The arguments of what declares logins, by type. */
export const providerArguments: Readonly<Record<string, readonly string[]>> = {
  vault_jwt_auth_backend: words(`
    bound_issuer default_role description disable_remount jwks_ca_pem jwks_pairs jwks_url jwt_supported_algs
    jwt_validation_pubkeys local namespace namespace_in_state oidc_client_id oidc_client_secret
    oidc_client_secret_wo oidc_client_secret_wo_version oidc_discovery_ca_pem oidc_discovery_url
    oidc_response_mode oidc_response_types path provider_config tune type
  `),
  vault_jwt_auth_backend_role: words(`${TOKEN}
    allowed_redirect_uris backend bound_audiences bound_claims bound_claims_type bound_subject claim_mappings
    clock_skew_leeway disable_bound_claims_parsing expiration_leeway groups_claim max_age namespace
    not_before_leeway oidc_scopes role_name role_type user_claim user_claim_json_pointer verbose_oidc_logging
  `),
  vault_kubernetes_auth_backend_config: words(`
    backend disable_iss_validation disable_local_ca_jwt issuer kubernetes_ca_cert kubernetes_host namespace
    pem_keys token_reviewer_jwt token_reviewer_jwt_wo token_reviewer_jwt_wo_version
    use_annotations_as_alias_metadata
  `),
  vault_kubernetes_auth_backend_role: words(`${TOKEN}
    alias_name_source audience backend bound_service_account_names bound_service_account_namespace_selector
    bound_service_account_namespaces namespace role_name
  `),
  vault_policy: words(`
    allow_overwrite name namespace policy
  `),
  consul_acl_auth_method: words(`
    config config_json description display_name max_token_ttl name namespace namespace_rule partition
    token_locality type
  `),
  consul_acl_binding_rule: words(`
    auth_method bind_name bind_type bind_vars description namespace partition selector
  `),
  consul_acl_policy: words(`
    datacenters description name namespace partition rules
  `),
  consul_acl_role: words(`
    description name namespace node_identities partition policies service_identities templated_policies
  `),
};

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
