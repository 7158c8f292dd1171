//! A person logs in for an agency, over one connection: the request, the login page, the answer. Three requests.

use super::passkey::Passkey;
use crate::{
    bench::{
        load::Act,
        prepare::REDIRECT,
        scenarios::{Client, question},
        wire::{Answer, Wire, get, post},
    },
    browser::{Trouble, attribute},
};

/// Somebody who has agreed already to what the agency gets.
pub struct Person {
    /// What they type.
    pub national_id: String,
    /// What they type.
    pub password: String,
    /// What their phone does.
    pub passkey: Passkey,
}

/// How they log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// National id and password: the agency of the bench is content with one factor.
    Password,
    /// A passkey.
    Passkey,
}

/// Each act is one login from a browser that the service has never seen.
pub struct Login {
    person: Person,
    question: String,
    how: How,
}

impl Login {
    /// `person` at `client`.
    pub fn of(person: Person, client: &Client, how: How) -> Self {
        Self {
            person,
            question: question("/authorize", client),
            how,
        }
    }

    /// The same person by another way.
    pub fn by(&mut self, how: How) {
        self.how = how;
    }
}

impl Act for Login {
    fn once(&mut self, wire: &mut Wire) -> Result<(), Trouble> {
        let begun = wire.ask(&get(&self.question, &[]))?.expect(303)?;
        let (cookies, page) = (cookies(&begun), begun.field("location").ok_or("no login page")?);
        let page = wire.ask(&get(page, &[("cookie", &cookies)]))?.expect(200)?;
        let markup = String::from_utf8(page.body)?;
        let (action, fields) = self.filled(&markup)?;
        let from = [("cookie", cookies.as_str()), ("sec-fetch-site", "same-origin")];
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = wire.ask(&post(&action, &from, &fields))?.expect(303)?;
        match answer.field("location") {
            Some(location) if location.starts_with(REDIRECT) && location.contains("code=") => Ok(()),
            other => Err(format!("not logged in: {other:?}").into()),
        }
    }
}

impl Login {
    /// Where the form goes, and what is in it.
    fn filled(&mut self, markup: &str) -> Result<(String, Fields), Trouble> {
        let with = match self.how {
            How::Password => " name=\"password\"",
            How::Passkey => " name=\"credential\"",
        };
        let form = markup
            .split("<form")
            .find(|form| form.contains(with))
            .ok_or_else(|| format!("no form with {with}: {markup}"))?;
        let of = |name| attribute(form, name).ok_or_else(|| format!("no {name} in {form}"));
        let (action, csrf) = (of("action")?, of("value")?);
        let fields = match self.how {
            How::Password => vec![
                ("csrf", csrf),
                ("national_id", self.person.national_id.clone()),
                ("password", self.person.password.clone()),
            ],
            How::Passkey => vec![
                ("csrf", csrf),
                ("credential", self.person.passkey.answer(&of("data-options")?)?),
            ],
        };
        Ok((action, fields))
    }
}

/// Names and values of a form.
type Fields = Vec<(&'static str, String)>;

/// What a browser would send back of the cookies that it was given.
fn cookies(answer: &Answer) -> String {
    let given = answer.fields("set-cookie");
    let pairs: Vec<&str> = given.filter_map(|cookie| cookie.split(';').next()).collect();
    pairs.join("; ")
}

/// What a browser loads before the login page can be used.
#[derive(Debug, Default)]
pub struct Weight {
    /// With their header fields, the first time.
    pub bytes: usize,
    /// The first time.
    pub requests: usize,
    /// When it was there before: what it may keep for good it does not ask for again.
    pub requests_again: usize,
}

/// Loads the login page as a browser does that has never been there.
pub fn weight(wire: &mut Wire, client: &Client) -> Result<Weight, Trouble> {
    let begun = wire
        .ask(&get(&question("/authorize", client), &[]))?
        .expect(303)?;
    let cookies = cookies(&begun);
    let mut to_ask = vec![begun.field("location").ok_or("no login page")?.to_owned()];
    let mut weight = Weight::default();
    while let Some(path) = to_ask.pop() {
        let fields = [("cookie", cookies.as_str()), ("accept-encoding", "br")];
        let answer = wire.ask(&get(&path, &fields))?.expect(200)?;
        let kept = answer
            .field("cache-control")
            .is_some_and(|told| told.contains("immutable"));
        weight.requests = weight.requests.saturating_add(1);
        weight.requests_again = weight.requests_again.saturating_add(usize::from(!kept));
        weight.bytes = weight
            .bytes
            .saturating_add(answer.head.len())
            .saturating_add(answer.body.len());
        if weight.requests == 1 {
            let markup = String::from_utf8(answer.body)?;
            to_ask.extend(loaded(&markup));
        }
    }
    Ok(weight)
}

/// What a page names for the browser to load at once.
fn loaded(markup: &str) -> Vec<String> {
    let tags = markup
        .split('<')
        .filter(|tag| tag.starts_with("link rel=\"stylesheet\"") || tag.starts_with("script "));
    tags.filter_map(|tag| attribute(tag, "href").or_else(|| attribute(tag, "src")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_loads_is_found_and_nothing_else() {
        let markup = r#"<link rel="icon" href="data:x"><link rel="stylesheet" href="/a.css"><script src="/b.js" defer></script>
            <a href="/help">x</a>"#;
        assert_eq!(loaded(markup), ["/a.css", "/b.js"]);
    }
}
