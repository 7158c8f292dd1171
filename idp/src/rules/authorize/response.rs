//! How the answer travels: `response_mode` (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode, JARM).

use serde::{Deserialize, Serialize};
use url::Url;

use crate::rules::{
    client::{Client, Profile},
    oauth::{Code, OauthError, refuse_if},
    parameters::Parameters,
};

/// How an answer travels to the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    /// Parameters in the query of the redirect URI.
    #[default]
    #[serde(rename = "query")]
    Query,
    /// A form that the browser posts there.
    #[serde(rename = "form_post")]
    FormPost,
    /// A signed JWT in the query (JARM §2.3.1); `jwt` means this for codes (§2.3.4).
    #[serde(rename = "query.jwt")]
    QueryJwt,
    /// A signed JWT in a form (JARM §2.3.3).
    #[serde(rename = "form_post.jwt")]
    FormPostJwt,
}

impl ResponseMode {
    /// Names as announced.
    pub const NAMES: [&'static str; 5] = ["query", "form_post", "jwt", "query.jwt", "form_post.jwt"];

    /// The mode of a request to be answered at `redirect_uri`.
    ///
    /// # Errors
    /// `invalid_request` for a mode that codes cannot take (`fragment`), that is unknown, or that the client's profile
    /// or address rules out.
    pub fn asked(sent: &Parameters, client: &Client, redirect_uri: &str) -> Result<Self, OauthError> {
        let told = |description| Err(OauthError::new(Code::InvalidRequest, description));
        let mode = match sent.value("response_mode") {
            None if signs(client) => Self::QueryJwt,
            None | Some("query") => Self::Query,
            Some("form_post") => Self::FormPost,
            Some("jwt" | "query.jwt") => Self::QueryJwt,
            Some("form_post.jwt") => Self::FormPostJwt,
            // Codes stay out of what scripts and histories read (RFC 9700 §4.3.1).
            Some("fragment" | "fragment.jwt") => return told("response_mode fragment is not for codes"),
            Some(_) => return told("response_mode is unknown"),
        };
        refuse_if(
            signs(client) && !mode.is_signed(),
            Code::InvalidRequest,
            "this client must ask for signed answers (JARM)",
        )?;
        refuse_if(
            mode.is_form() && !takes_forms(redirect_uri),
            Code::InvalidRequest,
            "response_mode form_post needs a redirect_uri of http or https",
        )?;
        Ok(mode)
    }

    /// The asked mode where it can be had, the client's usual one otherwise: an error must arrive.
    #[must_use]
    pub fn for_errors(sent: &Parameters, client: &Client, redirect_uri: &str) -> Self {
        let usual = if signs(client) {
            Self::QueryJwt
        } else {
            Self::Query
        };
        Self::asked(sent, client, redirect_uri).unwrap_or(usual)
    }

    /// The answer is a JWT.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FormPostJwt)
    }

    /// The answer is a form.
    #[must_use]
    pub fn is_form(self) -> bool {
        matches!(self, Self::FormPost | Self::FormPostJwt)
    }
}

/// FAPI 2.0 Message Signing §5.4: such a client gets signed answers and no others.
fn signs(client: &Client) -> bool {
    client.profile == Profile::Fapi2MessageSigning
}

/// An app's own scheme cannot be posted to, and a form action must not be a script.
fn takes_forms(redirect_uri: &str) -> bool {
    Url::parse(redirect_uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}
