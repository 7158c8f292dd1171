//! A client as JSON by the names of RFC 7591 and its companions: what the command line shows and a registration returns.

use serde_json::{Map, Value, json};

use super::{Authentication, Client, ClientKeys, LogoutUri, Profile, Protection};
use crate::rules::claveunica;

impl Client {
    /// Its registered metadata. Secrets are not part of it, and what is at its default or absent may be left out.
    #[must_use]
    pub fn metadata(&self) -> Map<String, Value> {
        let mut metadata = Map::new();
        let mut put = |name: &str, value: Value| {
            let empty =
                value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value == json!(false);
            if !empty {
                metadata.insert(name.to_owned(), value);
            }
        };
        put("client_id", json!(self.id.as_str()));
        put("client_name", json!(self.name));
        put("client_uri", json!(self.uri));
        put("logo_uri", json!(self.about.logo_uri));
        put("policy_uri", json!(self.about.policy_uri));
        put("tos_uri", json!(self.about.tos_uri));
        put("purpose", json!(self.about.purpose));
        put("purpose#en", json!(self.about.purpose_en));
        put("contacts", json!(self.about.contacts));
        put("initiate_login_uri", json!(self.about.initiate_login_uri));
        put("profile", json!(self.profile.name()));
        let scope = if self.profile == Profile::ClaveUnica {
            claveunica::words(&self.scopes)
        } else {
            self.scopes.to_string()
        };
        put("scope", json!(scope));
        put("grant_types", json!(self.grant_types));
        put("token_endpoint_auth_method", json!(self.authentication.name()));
        put("subject_type", json!(self.subject_type.name()));
        put("sector_identifier_uri", json!(self.sector_identifier_uri));
        put("id_token_signed_response_alg", json!(self.id_token_alg));
        put(
            "application_type",
            json!(if self.native { "native" } else { "web" }),
        );
        put("default_max_age", json!(self.default_max_age));
        put("default_acr_values", json!(self.default_acr_values));
        put("resources", json!(self.resources));
        put(
            "authorization_details_types",
            json!(self.authorization_details_types),
        );
        put("access_token_format", json!(self.access_token_format.name()));
        put(
            "require_pushed_authorization_requests",
            json!(self.require_pushed_authorization_requests),
        );
        put("dpop_bound_access_tokens", json!(self.dpop_bound_access_tokens));
        put(
            "tls_client_certificate_bound_access_tokens",
            json!(self.tls_bound_access_tokens),
        );
        put("request_object_signing_alg", json!(self.request_objects.alg));
        let encryption = self.request_objects.encryption;
        put(
            "request_object_encryption_alg",
            json!(encryption.map(|how| how.alg)),
        );
        put(
            "request_object_encryption_enc",
            json!(encryption.map(|how| how.enc)),
        );
        put(
            "require_signed_request_object",
            json!(self.request_objects.required),
        );
        put("request_uris", json!(self.request_objects.uris));
        // Told even when empty or false: a reader wants to see them.
        metadata.insert("redirect_uris".to_owned(), json!(self.redirect_uris));
        metadata.insert(
            "post_logout_redirect_uris".to_owned(),
            json!(self.post_logout_redirect_uris),
        );
        metadata.insert("require_pkce".to_owned(), json!(self.require_pkce));
        if self.may_use(super::GrantType::AuthorizationCode) {
            metadata.insert("response_types".to_owned(), json!(["code"]));
        }
        self.authentication_metadata(&mut metadata);
        self.protection_metadata(&mut metadata);
        logout(
            &mut metadata,
            "backchannel_logout",
            self.backchannel_logout.as_ref(),
        );
        logout(
            &mut metadata,
            "frontchannel_logout",
            self.frontchannel_logout.as_ref(),
        );
        metadata
    }

    fn authentication_metadata(&self, metadata: &mut Map<String, Value>) {
        match &self.authentication {
            Authentication::PrivateKeyJwt { alg: Some(alg) } => {
                metadata.insert("token_endpoint_auth_signing_alg".to_owned(), json!(alg));
            }
            Authentication::TlsClientAuth { subject } => {
                let (name, value) = subject.field();
                metadata.insert(name.to_owned(), json!(value));
            }
            Authentication::PrivateKeyJwt { alg: None }
            | Authentication::Secret
            | Authentication::SecretJwt
            | Authentication::SelfSignedTlsClientAuth
            | Authentication::None => {}
        }
        match &self.keys {
            Some(ClientKeys::Jwks(set)) => {
                metadata.insert("jwks".to_owned(), set.clone());
            }
            Some(ClientKeys::JwksUri(uri)) => {
                metadata.insert("jwks_uri".to_owned(), json!(uri));
            }
            None => {}
        }
    }

    fn protection_metadata(&self, metadata: &mut Map<String, Value>) {
        let id_token = Protection {
            signed: None,
            encrypted: self.id_token_encryption,
        };
        for (kind, protection) in [
            ("id_token", id_token),
            ("userinfo", self.userinfo),
            ("authorization", self.authorization_response),
            ("introspection", self.introspection_response),
        ] {
            if let Some(alg) = protection.signed {
                metadata.insert(format!("{kind}_signed_response_alg"), json!(alg));
            }
            if let Some(encryption) = protection.encrypted {
                metadata.insert(format!("{kind}_encrypted_response_alg"), json!(encryption.alg));
                metadata.insert(format!("{kind}_encrypted_response_enc"), json!(encryption.enc));
            }
        }
    }
}

fn logout(metadata: &mut Map<String, Value>, kind: &str, logout: Option<&LogoutUri>) {
    if let Some(logout) = logout {
        metadata.insert(format!("{kind}_uri"), json!(logout.uri));
        metadata.insert(format!("{kind}_session_required"), json!(logout.session_required));
    }
}
