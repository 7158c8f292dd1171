//! Exclusive XML Canonicalization 1.0 without comments and without a list of inclusive prefixes: the octets of an
//! element that are digested and signed.

use super::{Child, MAX_OCTETS, Node, XmlError};

/// What is written.
#[derive(Clone, Copy)]
pub(crate) struct Context<'t, 'x> {
    /// The element on top.
    pub apex: Node<'t, 'x>,
    /// An element left out with everything in it (XMLDSIG §6.6.4).
    pub without: Option<Node<'t, 'x>>,
}

/// Writes the canonical form piece by piece.
///
/// # Errors
/// When it would become many times longer than what was read: a namespace is written again wherever it is used anew.
pub(crate) fn canonical(context: Context<'_, '_>, out: &mut dyn FnMut(&[u8])) -> Result<(), XmlError> {
    let mut above: Vec<Node<'_, '_>> =
        std::iter::successors(context.apex.parent(), |node| node.parent()).collect();
    above.reverse();
    let mut writer = Writer {
        without: context.without,
        scope: above
            .iter()
            .flat_map(|node| node.element().declared.iter().copied())
            .collect(),
        rendered: Vec::new(),
        left: MAX_WRITTEN,
        out,
    };
    writer.element(context.apex)
}

struct Writer<'w, 't, 'x> {
    without: Option<Node<'t, 'x>>,
    /// Namespaces in scope in the document; the last declaration of a prefix counts.
    scope: Vec<(&'x str, &'x str)>,
    /// Namespaces in scope in what is written.
    rendered: Vec<(&'x str, &'x str)>,
    left: usize,
    out: &'w mut dyn FnMut(&[u8]),
}

impl<'t, 'x> Writer<'_, 't, 'x> {
    /// Depth is bounded by the reader.
    fn element(&mut self, node: Node<'t, 'x>) -> Result<(), XmlError> {
        if self.without == Some(node) {
            return Ok(());
        }
        let element = node.element();
        let (scope, rendered) = (self.scope.len(), self.rendered.len());
        self.scope.extend(&element.declared);
        self.write("<")?;
        self.name(element.prefix, element.local)?;
        for (prefix, name) in self.newly_used(node) {
            self.write(" xmlns")?;
            if !prefix.is_empty() {
                self.write(":")?;
                self.write(prefix)?;
            }
            self.write("=\"")?;
            self.escaped(name, true)?;
            self.write("\"")?;
            self.rendered.push((prefix, name));
        }
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by_key(|a| (a.namespace, a.local));
        for attribute in attributes {
            self.write(" ")?;
            self.name(attribute.prefix, attribute.local)?;
            self.write("=\"")?;
            self.escaped(&attribute.value, true)?;
            self.write("\"")?;
        }
        self.write(">")?;
        for child in &element.children {
            match child {
                Child::Text(text) => self.escaped(text, false)?,
                Child::Element(at) => self.element(Node {
                    tree: node.tree,
                    at: *at,
                })?,
            }
        }
        self.write("</")?;
        self.name(element.prefix, element.local)?;
        self.write(">")?;
        self.scope.truncate(scope);
        self.rendered.truncate(rendered);
        Ok(())
    }

    /// §3: namespaces that this element or one of its attributes visibly uses and that no element above has written,
    /// in the order of their prefixes.
    fn newly_used(&self, node: Node<'t, 'x>) -> Vec<(&'x str, &'x str)> {
        let element = node.element();
        let attributes = element
            .attributes
            .iter()
            .map(|a| a.prefix)
            .filter(|p| !p.is_empty());
        let mut used: Vec<&str> = std::iter::once(element.prefix).chain(attributes).collect();
        used.sort_unstable();
        used.dedup();
        let last = |list: &[(&'x str, &'x str)], prefix: &str| {
            let declared = list.iter().rev().find(|(name, _)| *name == prefix);
            declared.map(|(_, namespace)| *namespace)
        };
        // The prefix `xml` needs no declaration; no default namespace is the same as an empty one.
        let used = used.into_iter().filter(|prefix| *prefix != "xml");
        used.map(|prefix| (prefix, last(&self.scope, prefix).unwrap_or_default()))
            .filter(|(prefix, name)| last(&self.rendered, prefix).unwrap_or_default() != *name)
            .collect()
    }

    fn name(&mut self, prefix: &str, local: &str) -> Result<(), XmlError> {
        if !prefix.is_empty() {
            self.write(prefix)?;
            self.write(":")?;
        }
        self.write(local)
    }

    /// Canonical XML 1.0 §2.3.
    fn escaped(&mut self, text: &str, in_attribute: bool) -> Result<(), XmlError> {
        let mut rest = text;
        let special = |c: char| match c {
            '&' | '<' | '\r' => true,
            '>' => !in_attribute,
            '"' | '\t' | '\n' => in_attribute,
            _ => false,
        };
        while let Some(at) = rest.find(special) {
            let (plain, following) = rest.split_at(at);
            self.write(plain)?;
            let mut characters = following.chars();
            self.write(match characters.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                Some('\t') => "&#x9;",
                Some('\n') => "&#xA;",
                _ => "&#xD;",
            })?;
            rest = characters.as_str();
        }
        self.write(rest)
    }

    fn write(&mut self, text: &str) -> Result<(), XmlError> {
        self.left = self
            .left
            .checked_sub(text.len())
            .ok_or(XmlError::Limit("long a canonical form"))?;
        (self.out)(text.as_bytes());
        Ok(())
    }
}

/// Own choice: namespaces written again and characters escaped make a list a tenth longer.
const MAX_WRITTEN: usize = 2 * MAX_OCTETS;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Tree, read};
    use super::*;

    fn written(text: &str) -> String {
        let tree = read::document(text.as_bytes()).unwrap();
        octets(&tree, None)
    }

    fn octets(tree: &Tree<'_>, without: Option<Node<'_, '_>>) -> String {
        let mut out = Vec::new();
        let apex = tree.root();
        canonical(Context { apex, without }, &mut |bytes| {
            out.extend_from_slice(bytes)
        })
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn namespaces_are_written_where_they_are_used() {
        for (text, expected) in [
            (
                "<a xmlns:p='u:p'><p:b/><p:b/></a>",
                "<a><p:b xmlns:p=\"u:p\"></p:b><p:b xmlns:p=\"u:p\"></p:b></a>",
            ),
            (
                "<p:a xmlns:p='u:p'><p:b xmlns:p='u:q'/></p:a>",
                "<p:a xmlns:p=\"u:p\"><p:b xmlns:p=\"u:q\"></p:b></p:a>",
            ),
            (
                "<a xmlns='u:d'><b xmlns=''/></a>",
                "<a xmlns=\"u:d\"><b xmlns=\"\"></b></a>",
            ),
            (
                "<a xmlns=''><b xmlns='u:d' xmlns:q='u:q'/></a>",
                "<a><b xmlns=\"u:d\"></b></a>",
            ),
            (
                "<a xmlns:q='u:q' xmlns:p='u:p' q:z='' p:z='' b='' a=''/>",
                "<a xmlns:p=\"u:p\" xmlns:q=\"u:q\" a=\"\" b=\"\" p:z=\"\" q:z=\"\"></a>",
            ),
            ("<a xml:lang='es'/>", "<a xml:lang=\"es\"></a>"),
            (
                "<p:a xmlns:p='u:p'><b xmlns:p='u:p'><p:c/></b></p:a>",
                "<p:a xmlns:p=\"u:p\"><b><p:c></p:c></b></p:a>",
            ),
        ] {
            assert_eq!(written(text), expected);
        }
    }

    #[test]
    fn characters_are_escaped_as_canonical_form_says() {
        assert_eq!(
            written(
                "<a b='&lt;&gt;&amp;\"&apos;&#9;&#10;&#13;'>&lt;&gt;&amp;\"'&#13;\r\n<!-- x --><![CDATA[<]]></a>"
            ),
            "<a b=\"&lt;>&amp;&quot;'&#x9;&#xA;&#xD;\">&lt;&gt;&amp;\"'&#xD;\n&lt;</a>"
        );
    }

    #[test]
    fn an_element_is_left_out_with_what_is_in_it_and_not_with_what_follows() {
        let tree = read::document(b"<a>1<b>2<c/></b>3</a>").unwrap();
        let without = tree.root().only("", "b");
        assert_eq!(octets(&tree, without), "<a>13</a>");
    }

    #[test]
    fn a_namespace_written_again_a_million_times_is_given_up() {
        let long = "x".repeat(200);
        let text = format!("<a xmlns:p='u:{long}'>{}</a>", "<p:b/>".repeat(400_000));
        let tree = read::document(text.as_bytes()).unwrap();
        let apex = tree.root();
        let given_up = canonical(Context { apex, without: None }, &mut |_| ());
        assert_eq!(given_up, Err(XmlError::Limit("long a canonical form")));
    }

    proptest! {
        /// What is canonical stays as it is: nothing is lost, and nothing added.
        #[test]
        fn canonical_form_is_its_own(text in "<a( [b-c]='[<>&x\t\"]{0,3}')?>([x \r\n]|&amp;|<p:b xmlns:p='u:[pq]'/>|<c xmlns='u:d'>x</c>){0,6}</a>") {
            if let Ok(tree) = read::document(text.as_bytes()) {
                let once = octets(&tree, None);
                prop_assert_eq!(written(&once), once);
            }
        }
    }
}
