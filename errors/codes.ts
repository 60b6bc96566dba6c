/** The codes in groups, by what failed. */
export const codeGroups = {
  /** An executable could not be had. */
  executable: [
    'executable_not_found',
    'executable_not_runnable',
    'executable_wrong_product',
    'executable_too_old',
    'cache_unwritable',
    'cache_full',
    'download_failed',
    'checksum_mismatch',
    'signature_untrusted',
    'archive_unsafe',
    'build_failed',
  ],
  /** A server could not be had, or went away. */
  server: [
    'engine_unavailable',
    'docker_unavailable',
    'image_unavailable',
    'port_in_use',
    'server_exited',
    'server_not_ready',
    'server_stopped',
    'pool_exhausted',
    'pool_stopped',
    'pool_socket_unusable',
    'cluster_mismatch',
  ],
  /** A declaration could not be applied. */
  apply: [
    'not_terraform_json',
    'unsupported_resource',
    'unsupported_attribute',
    'unsupported_expression',
    'dependency_cycle',
    'unsupported_by_server',
    'apply_failed',
    'unsupported_provider',
    'reaches_elsewhere',
    'declaration_invalid',
    'path_in_use',
    'server_token_invalid',
    'state_locked',
    'plan_not_empty',
    'read_back_differs',
    'terraform_failed',
    'outside_of_run',
  ],
  /** A Terraform configuration could not be read or evaluated. */
  configuration: [
    'configuration_not_found',
    'syntax_invalid',
    'variable_missing',
    'variable_invalid',
    'condition_failed',
    'value_unknown',
    'expression_invalid',
    'function_unknown',
    'file_not_found',
    'file_outside_folder',
    'module_not_local',
    'too_many_instances',
    'synth_failed',
  ],
  /** Terraform, CDKTF or a provider could not be had. */
  terraform: [
    'cdktf_not_found',
    'terraform_not_found',
    'terraform_too_old',
    'provider_unavailable',
    'provider_version_unavailable',
    'init_failed',
  ],
  /** This machine has no room for a file, or does not let it be written. */
  file: ['output_unwritable', 'temporary_folder_unusable'],
  /** A request was answered with a refusal, or not at all. */
  request: [
    'request_failed',
    'certificate_untrusted',
    'request_refused',
    'unexpected_answer',
    'already_exists',
    'permission_denied',
    'vault_sealed',
    'vault_standby',
    'acl_disabled',
    'no_leader',
    'value_too_large',
    'mount_not_found',
    'secret_not_found',
    'audit_entry_not_found',
  ],
  /** A key can't be used, the issuer has no such key, or claims are too large for a token. */
  issuer: [
    'key_invalid',
    'key_exists',
    'key_not_found',
    'kid_taken',
    'unknown_kid',
    'no_active_key',
    'claims_too_large',
  ],
  /** A vendor's URL can't be answered for, or a server wanted a host that nothing answers for. */
  impersonation: [
    'vendor_url_invalid',
    'vendor_host_taken',
    'vendor_ca_pinned',
    'host_not_impersonated',
    'impersonation_unsupported',
  ],
  /** The issuer can't use what it was given: users, a certificate. */
  identity: ['users_invalid', 'users_not_found', 'users_exist', 'tls_invalid'],
  /** A stack could not be copied into a project. */
  copy: ['would_overwrite', 'outside_folder', 'copy_failed'],
  /** A login was refused: the check that failed. */
  login: [
    'token_missing',
    'token_malformed',
    'token_too_large',
    'role_missing',
    'role_not_found',
    'role_type_mismatch',
    'redirect_uri_not_allowed',
    'sign_in_refused',
    'sign_in_too_old',
    'nonce_mismatch',
    'method_not_found',
    'method_not_configured',
    'method_type_mismatch',
    'key_set_unavailable',
    'unknown_key',
    'signature_invalid',
    'algorithm_not_allowed',
    'issuer_mismatch',
    'subject_mismatch',
    'audience_mismatch',
    'audience_unbound',
    'token_expired',
    'token_not_yet_valid',
    'token_issued_in_future',
    'claim_missing',
    'claim_mismatch',
    'claim_type_mismatch',
    'address_not_allowed',
    'entity_disabled',
    'no_binding_rule_matched',
    'bound_name_not_found',
    'bind_name_invalid',
    'login_refused',
  ],
} as const;

/**
 * Every code that an error of this package can carry. The list is closed: docs/errors.md has a row for each,
 * and a test holds the two together.
 */
export const errorCodes = Object.values(codeGroups).flat();

/** One of {@link errorCodes}. Switch on it; messages may change between releases, codes only with a major one. */
export type ErrorCode = (typeof errorCodes)[number];
