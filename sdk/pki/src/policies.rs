//! Certificate policies (RFC 5280 §6.1) over the graph of RFC 9618, whose size is bounded where
//! that of the older tree was not (CVE-2023-0464).

use std::collections::{BTreeMap, BTreeSet};

use crate::certificate::Certificate;
use crate::failure::Reason;
use crate::oid::{self, Oid};

/// RFC 5280 §6.1.1 c, e, f, g: what the verifier asks of policies. By default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyInputs {
    /// user-initial-policy-set; empty stands for any policy.
    pub acceptable: Vec<Oid>,
    /// initial-explicit-policy: at least one acceptable policy has to hold.
    pub require_explicit: bool,
    /// initial-policy-mapping-inhibit.
    pub inhibit_mapping: bool,
    /// initial-any-policy-inhibit.
    pub inhibit_any: bool,
}

/// One policy that holds at one depth.
#[derive(Default)]
struct Node {
    parents: BTreeSet<Oid>,
    expected: BTreeSet<Oid>,
}

type Level = BTreeMap<Oid, Node>;

/// The variables of §6.1.2 that concern policies.
pub(crate) struct PolicyState<'a> {
    inputs: &'a PolicyInputs,
    any: Oid,
    /// One level per certificate, the first being the root; `None` is the RFC's NULL.
    graph: Option<Vec<Level>>,
    explicit: u32,
    mapping: u32,
    inhibit_any: u32,
}

impl<'a> PolicyState<'a> {
    /// §6.1.2 for a path of `length` certificates.
    pub(crate) fn new(inputs: &'a PolicyInputs, length: u32) -> Result<Self, Reason> {
        let any = Oid::from_contents(oid::ANY_POLICY).map_err(|_| Reason::Policy)?;
        let root = Node {
            parents: BTreeSet::new(),
            expected: BTreeSet::from([any.clone()]),
        };
        let start = |inhibited| if inhibited { 0 } else { length.saturating_add(1) };
        Ok(Self {
            inputs,
            graph: Some(vec![Level::from([(any.clone(), root)])]),
            any,
            explicit: start(inputs.require_explicit),
            mapping: start(inputs.inhibit_mapping),
            inhibit_any: start(inputs.inhibit_any),
        })
    }

    /// §6.1.3 d, e, f.
    pub(crate) fn certificate(&mut self, certificate: &Certificate, is_leaf: bool) -> Result<(), Reason> {
        let any_allowed = self.inhibit_any > 0 || (!is_leaf && certificate.is_self_issued());
        match (&mut self.graph, &certificate.extensions().policies) {
            (Some(graph), Some(policies)) => {
                let level = next_level(graph.last(), policies, &self.any, any_allowed);
                graph.push(level);
                self.prune();
            }
            (_, None) => self.graph = None,
            (None, _) => {}
        }
        if self.explicit == 0 && self.graph.is_none() {
            Err(Reason::Policy)
        } else {
            Ok(())
        }
    }

    /// §6.1.4 a, b, h, i, j: an authority maps and restricts policies for those below it.
    pub(crate) fn authority(&mut self, certificate: &Certificate) -> Result<(), Reason> {
        let extensions = certificate.extensions();
        let mappings = &extensions.policy_mappings;
        if mappings
            .iter()
            .any(|(issuer, subject)| *issuer == self.any || *subject == self.any)
        {
            return Err(Reason::PolicyMapping);
        }
        let mut by_issuer: BTreeMap<&Oid, BTreeSet<Oid>> = BTreeMap::new();
        for (issuer, subject) in mappings {
            by_issuer.entry(issuer).or_default().insert(subject.clone());
        }
        if let Some(level) = self.graph.as_mut().and_then(|graph| graph.last_mut()) {
            map(level, by_issuer, &self.any, self.mapping > 0);
            self.prune();
        }
        if !certificate.is_self_issued() {
            self.explicit = self.explicit.saturating_sub(1);
            self.mapping = self.mapping.saturating_sub(1);
            self.inhibit_any = self.inhibit_any.saturating_sub(1);
        }
        if let Some(constraints) = extensions.policy_constraints {
            self.explicit = self
                .explicit
                .min(constraints.require_explicit.unwrap_or(u32::MAX));
            self.mapping = self.mapping.min(constraints.inhibit_mapping.unwrap_or(u32::MAX));
        }
        self.inhibit_any = self
            .inhibit_any
            .min(extensions.inhibit_any_policy.unwrap_or(u32::MAX));
        Ok(())
    }

    /// §6.1.5 a, b, g. Returns the policies that hold for the leaf; anyPolicy stands for all.
    pub(crate) fn finish(mut self, leaf: &Certificate) -> Result<Vec<Oid>, Reason> {
        self.explicit = self.explicit.saturating_sub(1);
        if leaf
            .extensions()
            .policy_constraints
            .is_some_and(|constraints| constraints.require_explicit == Some(0))
        {
            self.explicit = 0;
        }
        let constrained = self.user_constrained();
        if self.explicit == 0 && constrained.is_empty() {
            Err(Reason::Policy)
        } else {
            Ok(constrained)
        }
    }

    /// RFC 9618 §5.4: the policies whose line leads up to anyPolicy, cut to what is acceptable.
    fn user_constrained(&self) -> Vec<Oid> {
        let Some(graph) = &self.graph else {
            return Vec::new();
        };
        let acceptable = &self.inputs.acceptable;
        let user_accepts_any = acceptable.is_empty() || acceptable.contains(&self.any);
        if graph.last().is_some_and(|level| level.contains_key(&self.any)) {
            return if user_accepts_any {
                vec![self.any.clone()]
            } else {
                acceptable.clone()
            };
        }
        let below_any = graph
            .iter()
            .flatten()
            .filter(|(_, node)| node.parents.contains(&self.any));
        let authorities: BTreeSet<&Oid> = below_any
            .map(|(oid, _)| oid)
            .filter(|oid| **oid != self.any)
            .collect();
        authorities
            .into_iter()
            .filter(|oid| user_accepts_any || acceptable.contains(oid))
            .cloned()
            .collect()
    }

    /// Removes nodes without children, upwards; an empty graph is NULL.
    fn prune(&mut self) {
        let Some(graph) = &mut self.graph else { return };
        let mut needed: Option<BTreeSet<Oid>> = None;
        for level in graph.iter_mut().rev() {
            if let Some(needed) = &needed {
                level.retain(|oid, _| needed.contains(oid));
            }
            needed = Some(
                level
                    .values()
                    .flat_map(|node| node.parents.iter().cloned())
                    .collect(),
            );
        }
        if graph.last().is_none_or(Level::is_empty) {
            self.graph = None;
        }
    }
}

/// §6.1.3 d 1 and 2.
fn next_level(above: Option<&Level>, policies: &[Oid], any: &Oid, any_allowed: bool) -> Level {
    let Some(above) = above else { return Level::new() };
    let mut expecting: BTreeMap<&Oid, BTreeSet<Oid>> = BTreeMap::new();
    for (parent, node) in above {
        for expected in &node.expected {
            expecting.entry(expected).or_default().insert(parent.clone());
        }
    }
    let mut level = Level::new();
    let node = |oid: &Oid, parents| Node {
        parents,
        expected: BTreeSet::from([oid.clone()]),
    };
    for policy in policies.iter().filter(|policy| *policy != any) {
        if let Some(parents) = expecting.get(policy) {
            level.insert(policy.clone(), node(policy, parents.clone()));
        } else if above.contains_key(any) {
            level.insert(policy.clone(), node(policy, BTreeSet::from([any.clone()])));
        }
    }
    if any_allowed && policies.contains(any) {
        for (expected, parents) in expecting {
            level
                .entry(expected.clone())
                .or_insert_with(|| node(expected, parents));
        }
    }
    level
}

/// §6.1.4 b.
fn map(level: &mut Level, mappings: BTreeMap<&Oid, BTreeSet<Oid>>, any: &Oid, allowed: bool) {
    let any_parents = level.get(any).map(|node| node.parents.clone());
    for (issuer, subjects) in mappings {
        if !allowed {
            level.remove(issuer);
        } else if let Some(node) = level.get_mut(issuer) {
            node.expected = subjects;
        } else if let Some(parents) = &any_parents {
            level.insert(
                issuer.clone(),
                Node {
                    parents: parents.clone(),
                    expected: subjects,
                },
            );
        }
    }
}
