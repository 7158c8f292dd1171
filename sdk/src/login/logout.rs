//! Leaving: here, and at the idp (OpenID Connect RP-Initiated Logout 1.0).

use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;

use super::begin::redirect;
use super::error::{Fault, LoginError};
use super::secret::Kind;
use super::{LOGOUT_PATH, Login, cookies};
use crate::look::{Language, Page, escape};

impl Login {
    /// Ends the session if the request comes from a page of ours; asks first if that cannot be told.
    pub(crate) async fn leave(
        &self,
        method: &Method,
        headers: &HeaderMap,
        language: Language,
    ) -> Result<Response, LoginError> {
        let asked_here = match comes_from(headers, &self.config().url) {
            From::Here => true,
            From::Elsewhere => false,
            // A browser that says neither does not send our cookie (SameSite=Lax) with another site's POST.
            From::Unknown => method == Method::POST,
        };
        if !asked_here {
            return Ok(self.ask_whether(language));
        }
        let Some(citizen) = self.citizen(headers).await? else {
            return Ok(self.without_session(redirect("/")));
        };
        // Away here first: the idp may be away itself, and the person wants to be gone from here at least.
        let id = citizen.secret().hashed_id(Kind::Session);
        self.config().store.remove(&id).await.map_err(Fault::from)?;
        tracing::info!(sub = %citizen.sub(), "logged out");
        let there = match self.provider().known(self.config().clock.now()).await {
            Ok(known) => known.end_session.clone(),
            Err(fault) => {
                tracing::warn!(%fault, "logged out here only: the idp cannot be asked");
                None
            }
        };
        let Some(mut there) = there else {
            return Ok(self.without_session(redirect("/")));
        };
        there
            .query_pairs_mut()
            .append_pair("id_token_hint", citizen.id_token())
            .append_pair("client_id", &self.config().client_id)
            .append_pair("post_logout_redirect_uri", &format!("{}/", self.config().url))
            .append_pair("ui_locales", language.tag());
        Ok(self.without_session(redirect(there.as_str())))
    }

    fn without_session(&self, mut response: Response) -> Response {
        cookies::set(response.headers_mut(), [self.cookies().clear_session()]);
        response
    }

    fn ask_whether(&self, language: Language) -> Response {
        let title = language.pick("¿Quieres salir?", "Do you want to log out?");
        let main = format!(
            concat!(
                "<div class=\"narrow\"><h1>{title}</h1><form class=\"sheet\" method=\"post\" action=\"{action}\">",
                "<p>{text}</p><div class=\"actions\"><button class=\"button\">{leave}</button>",
                "<a class=\"button quiet\" href=\"/\">{stay}</a></div></form></div>"
            ),
            title = title,
            action = LOGOUT_PATH,
            text = language.pick(
                "Cerraremos tu sesión aquí y en el servicio de identidad.",
                "We will end your session here and at the identity service."
            ),
            leave = language.pick("Salir", "Log out"),
            stay = language.pick("Quedarme", "Stay"),
        );
        let service = &escape(&self.config().service);
        let form_action = Some(self.issuer_origin());
        Page {
            language,
            title,
            service,
            main: &main,
            form_action,
            ..Page::default()
        }
        .respond(StatusCode::OK)
    }
}

/// Where a request was made.
#[derive(Debug, PartialEq, Eq)]
enum From {
    Here,
    Elsewhere,
    Unknown,
}

/// What the browser says itself: Fetch Metadata, else `Origin`, else `Referer`.
fn comes_from(headers: &HeaderMap, origin: &str) -> From {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let here = |holds: bool| if holds { From::Here } else { From::Elsewhere };
    if let Some(site) = text("sec-fetch-site") {
        return here(site == "same-origin");
    }
    if let Some(found) = text(header::ORIGIN.as_str()) {
        return here(found == origin);
    }
    text(header::REFERER.as_str()).map_or(From::Unknown, |referer| {
        let found = url::Url::parse(referer).map(|url| url.origin().ascii_serialization());
        here(found.is_ok_and(|found| found == origin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(name: &'static str, value: &str) -> From {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        comes_from(&headers, "https://a.example")
    }

    #[test]
    fn our_own_pages_are_here() {
        assert_eq!(from("sec-fetch-site", "same-origin"), From::Here);
        assert_eq!(from("origin", "https://a.example"), From::Here);
        assert_eq!(from("referer", "https://a.example/x"), From::Here);
    }

    #[test]
    fn a_neighbour_on_the_same_site_is_elsewhere() {
        assert_eq!(from("sec-fetch-site", "same-site"), From::Elsewhere);
        assert_eq!(from("sec-fetch-site", "none"), From::Elsewhere);
        assert_eq!(from("origin", "https://b.a.example"), From::Elsewhere);
        assert_eq!(from("origin", "null"), From::Elsewhere);
        assert_eq!(from("referer", "https://a.example.evil/"), From::Elsewhere);
    }
}
