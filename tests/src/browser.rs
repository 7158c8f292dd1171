//! A browser without JavaScript: follows redirects, keeps cookies, fills the one form it is shown.

use std::{collections::BTreeMap, sync::Arc};

use reqwest::blocking::{Client, Response};
use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{CONTENT_TYPE, LOCATION, ORIGIN};
use reqwest::redirect::Policy;
use url::Url;

/// What went wrong on the way.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Cookies and a connection.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    stop: String,
}

/// A page, or the address where the services let the browser go.
#[derive(Debug)]
pub enum Page {
    /// A page of the services.
    Here {
        /// Its address.
        url: Url,
        /// Its markup.
        markup: String,
    },
    /// An address that begins as the browser's stop.
    Gone(Url),
}

/// A form: where it goes and the values it has.
#[derive(Debug, Default)]
pub struct Form {
    action: String,
    /// Values by field name.
    pub fields: BTreeMap<String, String>,
    /// Name and value of each button.
    pub buttons: Vec<(String, String)>,
}

impl Browser {
    /// A browser that stops before addresses beginning with `stop`.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn stopping_at(stop: &str) -> Result<Self, Trouble> {
        // Another test may have installed it already
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let jar = Arc::new(Jar::default());
        let client = Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .redirect(Policy::none())
            .build()?;
        Ok(Self {
            client,
            jar,
            stop: stop.to_owned(),
        })
    }

    /// The `Cookie` header that this browser would send to `url`.
    #[must_use]
    pub fn cookies(&self, url: &Url) -> Option<String> {
        Some(self.jar.cookies(url)?.to_str().ok()?.to_owned())
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When a service cannot be reached.
    pub fn open(&self, url: &Url) -> Result<Page, Trouble> {
        let response = self.client.get(url.clone()).send()?;
        self.follow(response)
    }

    /// Sends the first form that has a field or a button of this name.
    ///
    /// # Errors
    /// When there is no such form, or a service cannot be reached.
    pub fn submit(&self, page: &Page, with: &str, values: &[(&str, &str)]) -> Result<Page, Trouble> {
        let Page::Here { url, markup } = page else {
            return Err("the browser is gone already".into());
        };
        let mut form = forms(markup)
            .into_iter()
            .find(|form| form.has(with))
            .ok_or_else(|| format!("no form with {with} on {url}"))?;
        for (name, value) in values {
            form.fields.insert((*name).to_owned(), (*value).to_owned());
        }
        let origin = url.origin().ascii_serialization();
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(&form.fields);
        let request = self.client.post(url.join(&form.action)?).header(ORIGIN, origin);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.follow(
            request
                .header("sec-fetch-site", "same-origin")
                .body(body.finish())
                .send()?,
        )
    }

    fn follow(&self, mut response: Response) -> Result<Page, Trouble> {
        for _ in 0..20 {
            let url = response.url().clone();
            let Some(location) = response.headers().get(LOCATION) else {
                return Ok(Page::Here {
                    url,
                    markup: response.text()?,
                });
            };
            let next = url.join(location.to_str()?)?;
            if next.as_str().starts_with(&self.stop) {
                return Ok(Page::Gone(next));
            }
            response = self.client.get(next).send()?;
        }
        Err("twenty redirects".into())
    }
}

impl Page {
    /// The first value of an attribute on this page.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<String> {
        match self {
            Self::Here { markup, .. } => attribute(markup, name),
            Self::Gone(_) => None,
        }
    }

    /// Whether a form of this page has a field or a button of this name.
    #[must_use]
    pub fn asks(&self, name: &str) -> bool {
        matches!(self, Self::Here { markup, .. } if forms(markup).iter().any(|form| form.has(name)))
    }
}

impl Form {
    fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.buttons.iter().any(|(button, _)| button == name)
    }
}

/// The forms of a page, read well enough for pages of our own.
fn forms(markup: &str) -> Vec<Form> {
    let pieces = markup
        .split("<form")
        .skip(1)
        .map(|rest| rest.split("</form").next().unwrap_or_default());
    pieces
        .map(|piece| {
            let (head, body) = piece.split_once('>').unwrap_or((piece, ""));
            let mut form = Form {
                action: attribute(head, "action").unwrap_or_default(),
                ..Form::default()
            };
            for tag in body
                .split('<')
                .skip(1)
                .map(|tag| tag.split('>').next().unwrap_or_default())
            {
                let value = attribute(tag, "value").unwrap_or_default();
                match attribute(tag, "name") {
                    Some(name) if tag.starts_with("input") => {
                        form.fields.insert(name, value);
                    }
                    Some(name) if tag.starts_with("button") => form.buttons.push((name, value)),
                    _ => {}
                }
            }
            form
        })
        .collect()
}

/// The first value of an attribute in a piece of markup.
#[must_use]
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))?;
    let value = tag.get(start..)?.split('"').nth(1)?;
    let named = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#38;", "&"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    let plain = named.iter().fold(value.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    });
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_hidden_fields_and_buttons() {
        let markup = r#"<p>x</p><form method="post" action="/a?b=1&amp;c=2"><input type="hidden" name="csrf" value="t&#34;k">
            <input name="code"><button name="decision" value="allow">Sí</button></form>"#;
        let forms = forms(markup);
        assert_eq!(forms[0].action, "/a?b=1&c=2");
        assert_eq!(forms[0].fields["csrf"], "t\"k");
        assert!(forms[0].has("code") && forms[0].buttons == [("decision".to_owned(), "allow".to_owned())]);
    }
}
