//! The fields of a registration, as they come.

use serde::Deserialize;
use serde_json::Value;

use crate::rules::secret::Secret;

/// What is asked at registration, by the names of RFC 7591, OpenID Connect Registration, RFC 8705, RFC 9101, RFC 9126,
/// RFC 9396, RFC 9449, RFC 9701, JARM and the logout specifications. Every field but `redirect_uris` may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    /// Chosen id; generated when missing.
    pub client_id: Option<String>,
    /// Chosen secret; generated when missing.
    pub client_secret: Option<Secret<String>>,
    /// The name that citizens see.
    pub client_name: String,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Its logo; shown by nobody yet, never fetched.
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// Ours: what it asks citizens' data for, in one sentence of Spanish.
    pub purpose: Option<String>,
    /// Ours: the same in English (RFC 7591 §2.2).
    #[serde(rename = "purpose#en")]
    pub purpose_en: Option<String>,
    /// E-mail addresses of who answers for it.
    pub contacts: Vec<String>,
    /// Where a third party may start a login; https.
    pub initiate_login_uri: Option<String>,
    /// Ours: `fapi2_security`, `fapi2_message_signing` or `claveunica`.
    pub profile: Option<String>,
    /// Where codes may go.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// Space-separated; every scope except `offline_access` when missing.
    pub scope: Option<String>,
    /// `client_secret_basic` (default), `client_secret_post`, `client_secret_jwt`, `private_key_jwt`,
    /// `tls_client_auth`, `self_signed_tls_client_auth` or `none`.
    pub token_endpoint_auth_method: Option<String>,
    /// For `private_key_jwt`: the only algorithm that counts.
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// RFC 8705 §2.1.2: exactly one of the five for `tls_client_auth`.
    pub tls_client_auth_subject_dn: Option<String>,
    /// RFC 8705 §2.1.2.
    pub tls_client_auth_san_dns: Option<String>,
    /// RFC 8705 §2.1.2.
    pub tls_client_auth_san_uri: Option<String>,
    /// RFC 8705 §2.1.2.
    pub tls_client_auth_san_ip: Option<String>,
    /// RFC 8705 §2.1.2.
    pub tls_client_auth_san_email: Option<String>,
    /// Its public keys, or
    pub jwks: Option<Value>,
    /// the address where they are.
    pub jwks_uri: Option<String>,
    /// `ES256` (default) or another of the algorithms in discovery.
    pub id_token_signed_response_alg: Option<String>,
    /// `ECDH-ES`, `ECDH-ES+A128KW` or `ECDH-ES+A256KW`; plain when missing.
    pub id_token_encrypted_response_alg: Option<String>,
    /// `A128GCM` or `A256GCM`.
    pub id_token_encrypted_response_enc: Option<String>,
    /// Userinfo as a signed JWT.
    pub userinfo_signed_response_alg: Option<String>,
    /// Userinfo encrypted.
    pub userinfo_encrypted_response_alg: Option<String>,
    /// `A128GCM` or `A256GCM`.
    pub userinfo_encrypted_response_enc: Option<String>,
    /// JARM.
    pub authorization_signed_response_alg: Option<String>,
    /// JARM.
    pub authorization_encrypted_response_alg: Option<String>,
    /// JARM.
    pub authorization_encrypted_response_enc: Option<String>,
    /// RFC 9701 §6.
    pub introspection_signed_response_alg: Option<String>,
    /// RFC 9701 §6.
    pub introspection_encrypted_response_alg: Option<String>,
    /// RFC 9701 §6.
    pub introspection_encrypted_response_enc: Option<String>,
    /// The only algorithm that counts for request objects.
    pub request_object_signing_alg: Option<String>,
    /// To encrypt them to us (OpenID Connect Registration §2); either is accepted without this.
    pub request_object_encryption_alg: Option<String>,
    /// Beside it.
    pub request_object_encryption_enc: Option<String>,
    /// RFC 9101 §10.5.
    pub require_signed_request_object: bool,
    /// The only request objects that are fetched.
    pub request_uris: Vec<String>,
    /// RFC 9126 §6.
    pub require_pushed_authorization_requests: bool,
    /// RFC 9449 §5.2.
    pub dpop_bound_access_tokens: bool,
    /// RFC 8705 §3.4.
    pub tls_client_certificate_bound_access_tokens: bool,
    /// Ours: `opaque` (default) or `jwt` (RFC 9068).
    pub access_token_format: Option<String>,
    /// Ours: the resource indicators (RFC 8707) that it may ask.
    pub resources: Vec<String>,
    /// RFC 9396 §10.
    pub authorization_details_types: Vec<String>,
    /// `pairwise` (default) or `public`.
    pub subject_type: Option<String>,
    /// The list of its redirect URIs when they have several hosts.
    pub sector_identifier_uri: Option<String>,
    /// Seconds.
    pub default_max_age: Option<i64>,
    /// Id tokens always say when the citizen logged in; ours always do.
    pub require_auth_time: Option<bool>,
    /// Levels, best first, when a request does not say.
    pub default_acr_values: Vec<String>,
    /// Told of a logout from server to server.
    pub backchannel_logout_uri: Option<String>,
    /// `sid` is always told; ours always is.
    pub backchannel_logout_session_required: bool,
    /// Told of a logout through the browser.
    pub frontchannel_logout_uri: Option<String>,
    /// `iss` and `sid` are always told.
    pub frontchannel_logout_session_required: bool,
    /// The grants it may use: `authorization_code` and (with a secret or a key) `refresh_token` when missing.
    pub grant_types: Option<Vec<String>>,
    /// Only `code`.
    pub response_types: Option<Vec<String>>,
    /// `web` (default) or `native`.
    pub application_type: Option<String>,
    /// Ours: false lets the client leave PKCE out.
    pub require_pkce: Option<bool>,
}
