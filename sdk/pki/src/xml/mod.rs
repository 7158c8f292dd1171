//! XML as far as a trusted list needs it: a strict, bounded reader, exclusive canonicalisation, and one shape of
//! signature. What lies outside (document types, entities of one's own, processing instructions) is refused: nothing is
//! fetched, expanded or repaired.

mod canonical;
mod read;
pub(crate) mod signature;

use std::borrow::Cow;

pub(crate) use canonical::{Context, canonical};

/// A document, read whole.
#[derive(Debug)]
pub(crate) struct Tree<'x> {
    elements: Vec<Element<'x>>,
}

#[derive(Debug)]
struct Element<'x> {
    parent: Option<usize>,
    prefix: &'x str,
    local: &'x str,
    namespace: &'x str,
    /// Prefix and name, as declared on this element; the default namespace has the empty prefix.
    declared: Vec<(&'x str, &'x str)>,
    attributes: Vec<Attribute<'x>>,
    children: Vec<Child<'x>>,
}

#[derive(Debug)]
struct Attribute<'x> {
    prefix: &'x str,
    local: &'x str,
    namespace: &'x str,
    value: Cow<'x, str>,
}

#[derive(Debug)]
enum Child<'x> {
    Element(usize),
    Text(Cow<'x, str>),
}

/// Why bytes are not read as XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlError {
    /// Longer than [`MAX_OCTETS`].
    #[error("the file is too large")]
    TooLarge,
    /// XML 1.0 §2.2, §4.3.3: characters in UTF-8.
    #[error("it is not text in UTF-8")]
    Encoding,
    /// XML 1.0 §2.8; never needed, and how entities are made to explode.
    #[error("it declares a document type")]
    Doctype,
    /// XML 1.0 §2.6; nobody needs one in a list.
    #[error("it holds a processing instruction")]
    Instruction,
    /// Not well-formed.
    #[error("it is not well-formed XML ({0})")]
    Syntax(&'static str),
    /// Namespaces in XML 1.0.
    #[error("its namespaces are not in order ({0})")]
    Namespace(&'static str),
    /// More than any honest list has.
    #[error("it has too {0}")]
    Limit(&'static str),
}

/// One element of a tree.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t, 'x> {
    tree: &'t Tree<'x>,
    at: usize,
}

impl<'x> Tree<'x> {
    /// Reads a document.
    pub fn parse(bytes: &'x [u8]) -> Result<Self, XmlError> {
        read::document(bytes)
    }

    /// The outermost element.
    pub fn root(&self) -> Node<'_, 'x> {
        Node { tree: self, at: 0 }
    }

    /// Every element, in the order of the document.
    pub fn all(&self) -> impl Iterator<Item = Node<'_, 'x>> {
        (0..self.elements.len()).map(|at| Node { tree: self, at })
    }
}

impl PartialEq for Node<'_, '_> {
    /// The same place of the same tree.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.at == other.at
    }
}

impl<'t, 'x> Node<'t, 'x> {
    #[expect(
        clippy::indexing_slicing,
        reason = "a node is made by the tree whose element it names, and trees do not shrink"
    )]
    fn element(self) -> &'t Element<'x> {
        &self.tree.elements[self.at]
    }

    /// Has it this name?
    pub fn is(self, namespace: &str, local: &str) -> bool {
        let element = self.element();
        element.local == local && element.namespace == namespace
    }

    /// The element it lies in.
    pub fn parent(self) -> Option<Self> {
        let at = self.element().parent?;
        Some(Self { tree: self.tree, at })
    }

    /// The elements in it.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.element()
            .children
            .iter()
            .filter_map(move |child| match child {
                Child::Element(at) => Some(Self {
                    tree: self.tree,
                    at: *at,
                }),
                Child::Text(_) => None,
            })
    }

    /// The elements in it that have this name.
    pub fn named(self, namespace: &str, local: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.is(namespace, local))
    }

    /// The one element in it that has this name; none when there are several.
    pub fn only(self, namespace: &str, local: &str) -> Option<Self> {
        let mut found = self.named(namespace, local);
        let one = found.next()?;
        found.next().is_none().then_some(one)
    }

    /// The text in it, without white space at its ends; none when there are elements in it.
    pub fn text(self) -> Option<String> {
        let mut text = String::new();
        for child in &self.element().children {
            match child {
                Child::Text(piece) => text.push_str(piece),
                Child::Element(_) => return None,
            }
        }
        Some(text.trim_matches(read::SPACE).to_owned())
    }

    /// Is there nothing but white space between its elements?
    pub fn holds_elements_only(self) -> bool {
        self.element().children.iter().all(|child| match child {
            Child::Element(_) => true,
            Child::Text(text) => text.chars().all(|c| read::SPACE.contains(&c)),
        })
    }

    /// An attribute without a namespace.
    pub fn attribute(self, local: &str) -> Option<&'t str> {
        let mut attributes = self.element().attributes.iter();
        let found = attributes.find(|a| a.namespace.is_empty() && a.local == local)?;
        Some(&found.value)
    }

    /// What might be meant by an identifier: attributes named `id` in any spelling and namespace.
    pub fn identifiers(self) -> impl Iterator<Item = &'t str> {
        let attributes = self.element().attributes.iter();
        attributes
            .filter(|a| a.local.eq_ignore_ascii_case("id"))
            .map(|a| &*a.value)
    }
}

/// The largest national lists have some ten megabytes.
pub(crate) const MAX_OCTETS: usize = 32 << 20;
