//! Registering a client: every field checked, the strict defaults (RFC 7591 §2).

mod answers;
mod authentication;
mod fields;
mod profile;
mod uris;

pub use fields::Registration;

use self::uris::{optional_web_uri, redirects};
use super::{
    claveunica::{self, word},
    client::{
        About, AccessTokenFormat, Authentication, Client, GrantType, LogoutUri, Profile, SIGNING, SubjectType,
    },
    ids::ClientId,
    scope::{Scope, Scopes},
    time::Seconds,
};

/// What is wrong with a registration, by the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    /// The field, by its name in the registration.
    pub field: &'static str,
    problem: String,
}

impl Invalid {
    /// A field that is fine by itself and cannot be here.
    #[must_use]
    pub fn here(field: &'static str, problem: impl Into<String>) -> Self {
        invalid(field, problem)
    }
}

/// One sentence that citizens read before they decide.
fn purpose(name: &'static str, text: Option<&str>) -> Result<Option<String>, Invalid> {
    let Some(text) = text.map(str::trim) else {
        return Ok(None);
    };
    if text.is_empty() || text.chars().count() > MOST_PURPOSE || text.chars().any(char::is_control) {
        return Err(invalid(
            name,
            "1 to 200 characters: what citizens' data is asked for",
        ));
    }
    Ok(Some(text.to_owned()))
}

/// Two lines on a phone.
const MOST_PURPOSE: usize = 200;

fn invalid(field: &'static str, problem: impl Into<String>) -> Invalid {
    Invalid {
        field,
        problem: problem.into(),
    }
}

impl Registration {
    /// Checks everything and gives defaults, the strict ones.
    ///
    /// # Errors
    /// The first field that is wrong, and what to write instead.
    pub fn check(&self, generated: ClientId) -> Result<Client, Invalid> {
        let native = one_of(
            "application_type",
            self.application_type.as_deref(),
            &[("web", false), ("native", true)],
        )?;
        let authentication = self.authentication()?;
        let grant_types = self.grant_types(&authentication)?;
        let has_citizen = grant_types.iter().any(|grant| grant.has_citizen());
        let client = Client {
            id: self.id(generated)?,
            name: self.name()?,
            uri: optional_web_uri("client_uri", self.client_uri.as_deref())?,
            about: self.about()?,
            redirect_uris: redirects(&self.redirect_uris, &grant_types, native)?,
            post_logout_redirect_uris: uris::each(
                "post_logout_redirect_uris",
                &self.post_logout_redirect_uris,
                native,
            )?,
            scopes: self.scopes(has_citizen)?,
            profile: self.profile()?,
            keys: self.keys()?,
            id_token_alg: self.signing(
                "id_token_signed_response_alg",
                self.id_token_signed_response_alg.as_deref(),
            )?,
            id_token_encryption: self.id_token_encryption()?,
            userinfo: self.userinfo()?,
            authorization_response: self.authorization_response()?,
            introspection_response: self.introspection_response()?,
            request_objects: self.request_objects()?,
            require_pushed_authorization_requests: self.require_pushed_authorization_requests,
            dpop_bound_access_tokens: self.dpop_bound_access_tokens,
            tls_bound_access_tokens: self.tls_client_certificate_bound_access_tokens,
            access_token_format: one_of(
                "access_token_format",
                self.access_token_format.as_deref(),
                &[AccessTokenFormat::Opaque, AccessTokenFormat::Jwt].map(|format| (format.name(), format)),
            )?,
            resources: each_resource(&self.resources)?,
            authorization_details_types: self.authorization_details_types.clone(),
            subject_type: one_of(
                "subject_type",
                self.subject_type.as_deref(),
                &[SubjectType::Pairwise, SubjectType::Public].map(|kind| (kind.name(), kind)),
            )?,
            sector_identifier_uri: uris::optional_https_uri(
                "sector_identifier_uri",
                self.sector_identifier_uri.as_deref(),
            )?,
            default_max_age: self.default_max_age()?,
            default_acr_values: self.default_acr_values.clone(),
            backchannel_logout: self.backchannel_logout()?,
            frontchannel_logout: self.frontchannel_logout()?,
            require_pkce: self.require_pkce.unwrap_or(true),
            native,
            authentication,
            grant_types,
        };
        self.response_types_ok()?;
        self.secret_ok(&client.authentication)?;
        has_what_it_needs(&client)?;
        answers::encryption_has_keys(&client)?;
        profile::applied(client)
    }

    fn id(&self, generated: ClientId) -> Result<ClientId, Invalid> {
        let Some(id) = &self.client_id else {
            return Ok(generated);
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if id.is_empty() || id.len() > 128 || !id.chars().all(fits) {
            return Err(invalid("client_id", "1 to 128 letters, digits and - . _ ~"));
        }
        Ok(ClientId::known(id.as_str()))
    }

    fn name(&self) -> Result<String, Invalid> {
        let name = self.client_name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(invalid(
                "client_name",
                "1 to 100 characters, as citizens will read it",
            ));
        }
        Ok(name.to_owned())
    }

    fn about(&self) -> Result<About, Invalid> {
        let fits = |contact: &String| {
            contact.contains('@') && contact.len() <= 254 && !contact.chars().any(char::is_control)
        };
        if self.contacts.len() > MOST_CONTACTS || !self.contacts.iter().all(fits) {
            return Err(invalid("contacts", "at most 10 e-mail addresses"));
        }
        Ok(About {
            logo_uri: optional_web_uri("logo_uri", self.logo_uri.as_deref())?,
            policy_uri: optional_web_uri("policy_uri", self.policy_uri.as_deref())?,
            tos_uri: optional_web_uri("tos_uri", self.tos_uri.as_deref())?,
            purpose: purpose("purpose", self.purpose.as_deref())?,
            purpose_en: purpose("purpose#en", self.purpose_en.as_deref())?,
            contacts: self.contacts.clone(),
            initiate_login_uri: uris::optional_https_uri(
                "initiate_login_uri",
                self.initiate_login_uri.as_deref(),
            )?,
        })
    }

    fn scopes(&self, has_citizen: bool) -> Result<Scopes, Invalid> {
        let Some(text) = self.scope.as_deref() else {
            return Ok(Scope::ALL
                .into_iter()
                .filter(|scope| has_citizen && !BY_NAME_ALONE.contains(scope))
                .collect());
        };
        let claveunica = self.profile()? == Profile::ClaveUnica;
        for name in text.split_whitespace() {
            let known = |scope: &Scope| scope.name() == name || (claveunica && word(*scope) == name);
            if !Scope::ALL.iter().any(known) {
                return Err(invalid("scope", format!("{name} is unknown")));
            }
        }
        let tidy = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let scopes = if claveunica {
            claveunica::scopes(&tidy)
        } else {
            Scopes::parse(&tidy)
        };
        if scopes.contains(Scope::Openid) || !has_citizen {
            Ok(scopes)
        } else {
            Err(invalid("scope", "openid is missing"))
        }
    }

    /// Clients that can prove who they are get refresh tokens unless they say otherwise.
    fn grant_types(&self, authentication: &Authentication) -> Result<Vec<GrantType>, Invalid> {
        let Some(names) = &self.grant_types else {
            let usual = GrantType::usual().into_iter();
            return Ok(usual
                .filter(|grant| authentication.is_confidential() || *grant != GrantType::RefreshToken)
                .collect());
        };
        let mut grants = Vec::new();
        for name in names {
            let known = GrantType::ALL.into_iter().find(|grant| grant.name() == name);
            grants.push(known.ok_or_else(|| invalid("grant_types", format!("{name} is not supported")))?);
        }
        grants.sort();
        grants.dedup();
        if grants.is_empty() || grants == [GrantType::RefreshToken] {
            return Err(invalid(
                "grant_types",
                "name at least one that begins something, such as authorization_code",
            ));
        }
        Ok(grants)
    }

    /// RFC 7591 §2.1: `code` goes with the code grant; a client without that grant has no response type at all.
    fn response_types_ok(&self) -> Result<(), Invalid> {
        let asks_citizens = self.grant_types.as_ref().is_none_or(|grants| {
            grants
                .iter()
                .any(|grant| grant == GrantType::AuthorizationCode.name())
        });
        match self.response_types.as_deref() {
            None => Ok(()),
            Some([only]) if only == "code" => Ok(()),
            Some([]) if !asks_citizens => Ok(()),
            Some(_) => Err(invalid("response_types", "only code is supported")),
        }
    }

    fn profile(&self) -> Result<Profile, Invalid> {
        let known = [
            Profile::Plain,
            Profile::Fapi2Security,
            Profile::Fapi2MessageSigning,
            Profile::ClaveUnica,
        ];
        one_of(
            "profile",
            self.profile.as_deref(),
            &known.map(|profile| (profile.name().unwrap_or("plain"), profile)),
        )
    }

    fn default_max_age(&self) -> Result<Option<Seconds>, Invalid> {
        match self.default_max_age {
            None => Ok(None),
            Some(seconds @ 0..=LONGEST_MAX_AGE) => Ok(Some(Seconds(seconds))),
            Some(_) => Err(invalid("default_max_age", "0 to 31536000 seconds")),
        }
    }

    fn backchannel_logout(&self) -> Result<Option<LogoutUri>, Invalid> {
        let uri = optional_web_uri("backchannel_logout_uri", self.backchannel_logout_uri.as_deref())?;
        Ok(uri.map(|uri| LogoutUri {
            uri,
            session_required: self.backchannel_logout_session_required,
        }))
    }

    fn frontchannel_logout(&self) -> Result<Option<LogoutUri>, Invalid> {
        let uri = optional_web_uri("frontchannel_logout_uri", self.frontchannel_logout_uri.as_deref())?;
        let Some(uri) = uri else { return Ok(None) };
        // Front-Channel Logout §2: domain, port and scheme must be those of a registered redirect URI.
        let known = self
            .redirect_uris
            .iter()
            .any(|redirect| uris::same_origin(redirect, &uri));
        if !known {
            return Err(invalid(
                "frontchannel_logout_uri",
                "must have scheme, host and port of a redirect URI",
            ));
        }
        Ok(Some(LogoutUri {
            uri,
            session_required: self.frontchannel_logout_session_required,
        }))
    }

    fn signing(&self, field: &'static str, asked: Option<&str>) -> Result<sdk_jose::Algorithm, Invalid> {
        one_of(
            field,
            asked,
            &SIGNING.map(|algorithm| (algorithm.as_str(), algorithm)),
        )
    }
}

/// What fields demand of each other.
fn has_what_it_needs(client: &Client) -> Result<(), Invalid> {
    let confidential = client.authentication.is_confidential();
    if !confidential && !client.require_pkce {
        return Err(invalid(
            "require_pkce",
            "a client without a secret cannot go without PKCE (RFC 9700 §2.1.1)",
        ));
    }
    for grant in [GrantType::ClientCredentials, GrantType::TokenExchange] {
        if !confidential && client.may_use(grant) {
            let problem = format!(
                "{} needs a client that authenticates (RFC 6749 §4.4)",
                grant.name()
            );
            return Err(invalid("grant_types", problem));
        }
    }
    let by_own_key = matches!(
        client.authentication,
        Authentication::PrivateKeyJwt { .. } | Authentication::SelfSignedTlsClientAuth
    );
    let encrypted = client.id_token_encryption.is_some()
        || [
            client.userinfo,
            client.authorization_response,
            client.introspection_response,
        ]
        .iter()
        .any(|protection| protection.encrypted.is_some());
    let signs = client.request_objects.required || client.request_objects.alg.is_some();
    if client.keys.is_none() && (by_own_key || encrypted || signs) {
        return Err(invalid(
            "jwks",
            "this client's keys are needed (jwks or jwks_uri): it signs, or is encrypted to",
        ));
    }
    let redirects = !client.redirect_uris.is_empty();
    if redirects && client.subject_type == SubjectType::Pairwise && client.sector().is_none() {
        let problem =
            "pairwise subjects need one host, or a sector_identifier_uri (OpenID Connect Core §8.1)";
        return Err(invalid("redirect_uris", problem));
    }
    Ok(())
}

/// RFC 8707 §2: absolute, without fragment.
fn each_resource(resources: &[String]) -> Result<Vec<String>, Invalid> {
    for resource in resources {
        let fits = url::Url::parse(resource).is_ok_and(|url| url.fragment().is_none());
        if !fits || resource.len() > uris::LONGEST_URI {
            return Err(invalid(
                "resources",
                format!("{resource}: must be an absolute URI without fragment"),
            ));
        }
    }
    Ok(resources.to_vec())
}

fn one_of<T: Copy>(field: &'static str, asked: Option<&str>, known: &[(&str, T)]) -> Result<T, Invalid> {
    let wanted = match asked {
        None => known.first(),
        Some(name) => known.iter().find(|(known, _)| *known == name),
    };
    wanted.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        invalid(field, format!("one of {}", names.join(", ")))
    })
}

/// What a registration gets only when it names it: who asks for nothing in particular needs neither to write to a
/// citizen's home nor to act while they are away.
const BY_NAME_ALONE: [Scope; 3] = [Scope::OfflineAccess, Scope::Phone, Scope::Address];
/// Who answers for a client: a handful.
const MOST_CONTACTS: usize = 10;
/// A year; who wants an older login wants none.
const LONGEST_MAX_AGE: i64 = 31_536_000;

#[cfg(test)]
pub(crate) mod tests;
