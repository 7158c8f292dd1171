//! Reading (XML 1.0, fifth edition; Namespaces in XML 1.0, third edition), in one pass and without recursion.

use std::borrow::Cow;

use super::{Attribute, Child, Element, MAX_OCTETS, Tree, XmlError};

/// Reads a document: an optional declaration, one element, comments and white space around it.
pub(super) fn document(bytes: &[u8]) -> Result<Tree<'_>, XmlError> {
    if bytes.len() > MAX_OCTETS {
        return Err(XmlError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.chars().all(is_char) {
        return Err(XmlError::Encoding);
    }
    let mut reader = Reader {
        rest: declaration(text)?,
        elements: Vec::new(),
        open: Vec::new(),
        scope: vec![("xml", XML_NAMESPACE)],
    };
    while !reader.rest.is_empty() {
        reader.step()?;
    }
    if reader.elements.is_empty() || !reader.open.is_empty() {
        return Err(XmlError::Syntax("it ends too early"));
    }
    Ok(Tree {
        elements: reader.elements,
    })
}

/// §2.8, without what nobody writes: an encoding other than UTF-8.
fn declaration(text: &str) -> Result<&str, XmlError> {
    let Some(rest) = text.strip_prefix("<?xml").filter(|r| r.starts_with(SPACE)) else {
        return Ok(text);
    };
    let (inside, rest) = rest
        .split_once("?>")
        .ok_or(XmlError::Syntax("an open declaration"))?;
    let mut words = inside
        .split_ascii_whitespace()
        .map(|word| word.replace('\'', "\""));
    let version = words.next();
    let mut next = words.next();
    if let Some(encoding) = next.as_deref().and_then(|w| w.strip_prefix("encoding=")) {
        if !encoding.eq_ignore_ascii_case("\"utf-8\"") {
            return Err(XmlError::Encoding);
        }
        next = words.next();
    }
    let standalone = matches!(
        next.as_deref(),
        None | Some("standalone=\"yes\"" | "standalone=\"no\"")
    );
    if version.as_deref() == Some("version=\"1.0\"") && standalone && words.next().is_none() {
        Ok(rest)
    } else {
        Err(XmlError::Syntax("its declaration"))
    }
}

/// What follows the name in a start tag.
struct Tag<'x> {
    declared: Vec<(&'x str, &'x str)>,
    /// Prefix, local part, value.
    plain: Vec<(&'x str, &'x str, Cow<'x, str>)>,
    is_empty: bool,
}

struct Reader<'x> {
    rest: &'x str,
    elements: Vec<Element<'x>>,
    /// Elements that have begun and not ended, with the size that the scope had before each.
    open: Vec<(usize, usize)>,
    /// Namespaces in scope; the last declaration of a prefix counts.
    scope: Vec<(&'x str, &'x str)>,
}

impl<'x> Reader<'x> {
    fn step(&mut self) -> Result<(), XmlError> {
        if self.takes("<!--") {
            // §2.5: canonical form has no comments.
            self.until("--")?;
            return self.expect(">", "a comment");
        }
        if self.takes("<![CDATA[") {
            let text = self.until("]]>")?;
            return self.text(lines(text));
        }
        if self.rest.starts_with("<!") {
            return Err(XmlError::Doctype);
        }
        if self.rest.starts_with("<?") {
            return Err(XmlError::Instruction);
        }
        if self.takes("</") {
            return self.end();
        }
        if self.takes("<") {
            return self.start();
        }
        let (text, rest) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
        self.rest = rest;
        if text.contains("]]>") {
            return Err(XmlError::Syntax("\"]]>\" in text"));
        }
        if self.open.is_empty() && text.chars().all(|c| SPACE.contains(&c)) {
            return Ok(());
        }
        let text = unescape(text, false)?;
        self.text(text)
    }

    fn text(&mut self, text: Cow<'x, str>) -> Result<(), XmlError> {
        let here = self.open.last().and_then(|(at, _)| self.elements.get_mut(*at));
        let here = here.ok_or(XmlError::Syntax("text outside the element"))?;
        here.children.push(Child::Text(text));
        Ok(())
    }

    /// §3.1, and Namespaces §5, §6.
    fn start(&mut self) -> Result<(), XmlError> {
        let before = self.scope.len();
        let (prefix, local) = self.name()?;
        let Tag {
            declared,
            plain,
            is_empty,
        } = self.tag()?;
        self.scope.extend(&declared);
        if self.scope.len() > MAX_SCOPE {
            return Err(XmlError::Limit("many namespaces"));
        }
        let namespace = self.namespace(prefix)?;
        let mut attributes: Vec<Attribute<'x>> = Vec::with_capacity(plain.len());
        for (prefix, local, value) in plain {
            let namespace = if prefix.is_empty() {
                ""
            } else {
                self.namespace(prefix)?
            };
            if attributes
                .iter()
                .any(|a| a.local == local && a.namespace == namespace)
            {
                return Err(XmlError::Syntax("an attribute twice"));
            }
            attributes.push(Attribute {
                prefix,
                local,
                namespace,
                value,
            });
        }
        let at = self.elements.len();
        let parent = self.open.last().map(|(at, _)| *at);
        match parent.map(|parent| self.elements.get_mut(parent)) {
            Some(Some(parent)) => parent.children.push(Child::Element(at)),
            _ if at == 0 => {}
            _ => return Err(XmlError::Syntax("a second element outside the first")),
        }
        self.elements.push(Element {
            parent,
            prefix,
            local,
            namespace,
            declared,
            attributes,
            children: Vec::new(),
        });
        if self.elements.len() > MAX_ELEMENTS {
            return Err(XmlError::Limit("many elements"));
        }
        if is_empty {
            self.scope.truncate(before);
        } else {
            self.open.push((at, before));
            if self.open.len() > MAX_DEPTH {
                return Err(XmlError::Limit("deep a nesting"));
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), XmlError> {
        let name = self.name()?;
        self.space();
        self.expect(">", "an end tag")?;
        let (at, before) = self
            .open
            .pop()
            .ok_or(XmlError::Syntax("an end without a start"))?;
        self.scope.truncate(before);
        match self.elements.get(at) {
            Some(element) if (element.prefix, element.local) == name => Ok(()),
            _ => Err(XmlError::Syntax("tags that cross")),
        }
    }

    fn tag(&mut self) -> Result<Tag<'x>, XmlError> {
        let (mut declared, mut plain) = (Vec::new(), Vec::new());
        loop {
            let spaced = self.space();
            let is_empty = self.takes("/>");
            if is_empty || self.takes(">") {
                return Ok(Tag {
                    declared,
                    plain,
                    is_empty,
                });
            }
            if !spaced || declared.len().saturating_add(plain.len()) >= MAX_ATTRIBUTES {
                return Err(XmlError::Syntax("a start tag, or too many attributes"));
            }
            let (prefix, local) = self.name()?;
            self.space();
            self.expect("=", "an attribute")?;
            self.space();
            let quote = if self.takes("\"") { "\"" } else { "'" };
            if quote == "'" {
                self.expect("'", "an attribute")?;
            }
            let raw = self.until(quote)?;
            if raw.contains('<') {
                return Err(XmlError::Syntax("\"<\" in an attribute"));
            }
            match (prefix, local) {
                ("", "xmlns") => declared.push(declaration_of("", raw, &declared)?),
                ("xmlns", prefix) => declared.push(declaration_of(prefix, raw, &declared)?),
                _ => plain.push((prefix, local, unescape(raw, true)?)),
            }
        }
    }

    fn namespace(&self, prefix: &str) -> Result<&'x str, XmlError> {
        let declared = self.scope.iter().rev().find(|(name, _)| *name == prefix);
        match declared {
            Some((_, namespace)) => Ok(namespace),
            None if prefix.is_empty() => Ok(""),
            None => Err(XmlError::Namespace("a prefix that is not declared")),
        }
    }

    /// Namespaces §4: prefix, which may be empty, and local part.
    fn name(&mut self) -> Result<(&'x str, &'x str), XmlError> {
        let end = self.rest.find(|c| !(is_name(c) || c == ':'));
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let begins = |part: &str| part.starts_with(is_name_start);
        if begins(local)
            && !local.contains(':')
            && (begins(prefix) || prefix.is_empty() && !name.contains(':'))
        {
            Ok((prefix, local))
        } else {
            Err(XmlError::Syntax("a name"))
        }
    }

    fn takes(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, start: &str, what: &'static str) -> Result<(), XmlError> {
        if self.takes(start) {
            Ok(())
        } else {
            Err(XmlError::Syntax(what))
        }
    }

    fn until(&mut self, end: &str) -> Result<&'x str, XmlError> {
        let (before, rest) = self
            .rest
            .split_once(end)
            .ok_or(XmlError::Syntax("it ends too early"))?;
        self.rest = rest;
        Ok(before)
    }

    /// Skips white space; whether there was any.
    fn space(&mut self) -> bool {
        let rest = self.rest.trim_start_matches(SPACE);
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        some
    }
}

/// Namespaces §3, and what canonical form asks: absolute names, without references, which nobody writes in them.
fn declaration_of<'x>(
    prefix: &'x str,
    name: &'x str,
    others: &[(&str, &str)],
) -> Result<(&'x str, &'x str), XmlError> {
    let wrong = |what| Err(XmlError::Namespace(what));
    if others.iter().any(|(other, _)| *other == prefix) {
        return Err(XmlError::Syntax("an attribute twice"));
    }
    if prefix == "xmlns" || (prefix == "xml") != (name == XML_NAMESPACE) || name == XMLNS_NAMESPACE {
        return wrong("a reserved name");
    }
    if name.is_empty() && !prefix.is_empty() {
        return wrong("a prefix without a name");
    }
    let written = name.chars().all(|c| !SPACE.contains(&c) && c != '&');
    if !written || name.len() > MAX_NAMESPACE || !(name.is_empty() || name.contains(':')) {
        return wrong("a name that is no absolute URI");
    }
    Ok((prefix, name))
}

/// §2.11 and §3.3.3: ends of lines and white space, references.
fn unescape(raw: &str, in_attribute: bool) -> Result<Cow<'_, str>, XmlError> {
    let special = |c| c == '&' || c == '\r' || (in_attribute && SPACE.contains(&c));
    if !raw.contains(special) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(special) {
        let (plain, following) = rest.split_at(at);
        text.push_str(plain);
        if let Some(reference) = following.strip_prefix('&') {
            let (name, following) = reference
                .split_once(';')
                .filter(|(name, _)| name.len() <= MAX_REFERENCE)
                .ok_or(XmlError::Syntax("a reference"))?;
            text.push(referred(name)?);
            rest = following;
            continue;
        }
        let line_end = following.strip_prefix("\r\n");
        let following = line_end.unwrap_or_else(|| following.get(1..).unwrap_or_default());
        text.push(if in_attribute { ' ' } else { '\n' });
        rest = following;
    }
    text.push_str(rest);
    Ok(Cow::Owned(text))
}

/// §4.1, §4.6: a character, or one of the five entities that need no declaration.
fn referred(name: &str) -> Result<char, XmlError> {
    let number = match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(digits), _) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                u32::from_str_radix(digits, 16)
            }
            (None, Some(digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse(),
            _ => return Err(XmlError::Syntax("an entity of its own")),
        },
    };
    let character = number.ok().and_then(char::from_u32).filter(|c| is_char(*c));
    character.ok_or(XmlError::Syntax("a reference to no character"))
}

/// §2.11, where there are no references.
fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// §2.2.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// §2.3, without the colon.
fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// §2.3.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Own choice, as are all below: national lists have some fifty thousand, nested fifteen deep.
const MAX_ELEMENTS: usize = 500_000;
const MAX_DEPTH: usize = 48;
/// Lists declare up to a dozen namespaces on their first element.
const MAX_ATTRIBUTES: usize = 32;
const MAX_SCOPE: usize = 128;
const MAX_NAMESPACE: usize = 256;
/// `#x10FFFF` and zeros in front.
const MAX_REFERENCE: usize = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> XmlError {
        document(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn row_29_a_document_type_an_entity_or_an_instruction_is_refused() {
        for (text, why) in [
            ("<!DOCTYPE a><a/>", XmlError::Doctype),
            (
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
                XmlError::Doctype,
            ),
            ("<a><!ENTITY b \"c\"></a>", XmlError::Doctype),
            ("<a>&lol;</a>", XmlError::Syntax("an entity of its own")),
            ("<?xml-stylesheet href=\"x\"?><a/>", XmlError::Instruction),
            ("<a><?b?></a>", XmlError::Instruction),
        ] {
            assert_eq!(refused(text), why, "{text}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            " ",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "x<a/>",
            "<a/>x",
            "<a b=1/>",
            "<a b='1' b='2'/>",
            "<a b='<'/>",
            "<a>]]></a>",
            "<a><!-- -- --></a>",
            "<a>&#0;</a>",
            "<a>&#xd800;</a>",
            "<a>&#+65;</a>",
            "<a>\u{1}</a>",
            "<1/>",
            "<:a/>",
            "<a:/>",
            "<a:b:c/>",
            "<a b='1'c='2'/>",
            "<a>&amp</a>",
            "<![CDATA[x]]><a/>",
            "<?xml version='1.1'?><a/>",
            "<?xml encoding='utf-8'?><a/>",
            "<a></a >x",
            "</a>",
        ] {
            assert!(document(text.as_bytes()).is_err(), "{text}");
        }
        let utf16 = "<?xml version='1.0' encoding='utf-16'?><a/>";
        assert_eq!(refused(utf16), XmlError::Encoding);
        assert_eq!(document(b"<a>\xff</a>").unwrap_err(), XmlError::Encoding);
    }

    #[test]
    fn namespaces_that_are_not_in_order_are_refused() {
        for text in [
            "<p:a/>",
            "<a p:b='1'/>",
            "<a xmlns:p=''/>",
            "<a xmlns:xmlns='u:x'/>",
            "<a xmlns:xml='u:x'/>",
            "<a xmlns='relative'/>",
            "<a xmlns='u:&amp;'/>",
            "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
            "<a xmlns:p='u:x' xmlns:p='u:x'/>",
            "<a xmlns:p='u:x' xmlns:q='u:x' p:b='' q:b=''/>",
            "<b><a xmlns:p='u:x'/><p:a/></b>",
        ] {
            assert!(document(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_attributes_and_elements_are_bounded() {
        let deep = "<a>".repeat(100_000);
        assert_eq!(refused(&deep), XmlError::Limit("deep a nesting"));
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        assert_eq!(refused(&wide), XmlError::Limit("many elements"));
        let many: String = (0..1_000).map(|n| format!(" a{n}=''")).collect();
        assert!(document(format!("<a{many}/>").as_bytes()).is_err());
        assert_eq!(
            document(&vec![b' '; MAX_OCTETS + 1]).unwrap_err(),
            XmlError::TooLarge
        );
    }

    #[test]
    fn text_is_read_as_the_specification_says() {
        let tree = document("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<p:a xmlns:p='u:p' b='&#9;x\r\ny\tz'>1\r\n<![CDATA[<&\r]]>&lt;&#x41;<!-- c --> </p:a>\n".as_bytes()).unwrap();
        let root = tree.root();
        assert!(root.is("u:p", "a") && !root.is("", "a"));
        assert_eq!(root.text().unwrap(), "1\n<&\n<A");
        assert_eq!(root.attribute("b"), Some("\tx y z"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = document(&bytes);
        }

        #[test]
        fn any_markup_is_read_or_refused(text in "[<>/a-c:='\"&;#x0-9!\\[\\]\\-? \r\n]{0,80}") {
            let _ = document(text.as_bytes());
        }
    }
}
