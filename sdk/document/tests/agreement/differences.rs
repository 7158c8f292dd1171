//! What differs from a peer's judgement, beside the list that explains it.

use std::collections::BTreeMap;

/// Who believes: only we, or only the peer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Side {
    /// We say more than the peer does.
    More,
    /// We are the stricter.
    Less,
}

/// Agreements counted, differences kept, by property.
#[derive(Default)]
pub struct Differences {
    agreed: BTreeMap<&'static str, usize>,
    /// Who believes it, the property, the case; and what was found, for whoever reads a failure.
    differing: Vec<(Side, &'static str, String, String)>,
}

/// `SIDE COUNT PROPERTY CASE: REASON`, where the case of a `less` that ends with `*` names the start of several.
struct Line<'l> {
    text: &'l str,
    side: Side,
    count: usize,
    property: &'l str,
    case: &'l str,
}

impl<'l> Line<'l> {
    fn read(text: &'l str) -> Self {
        let (head, reason) = text.split_once(": ").unwrap_or((text, ""));
        assert!(!reason.trim().is_empty(), "no reason is given: {text}");
        let mut words = head.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_default();
        let side = match word() {
            "more" => Side::More,
            "less" => Side::Less,
            other => panic!("neither more nor less: {other}"),
        };
        let (count, property, case) = (word().parse().unwrap(), word(), word());
        let whole = !case.ends_with('*');
        assert!(
            side == Side::Less || whole,
            "where we say more, each case is named: {text}"
        );
        Self {
            text,
            side,
            count,
            property,
            case,
        }
    }

    fn is_about(&self, side: Side, property: &str, case: &str) -> bool {
        let named = match self.case.strip_suffix('*') {
            Some(start) => case.starts_with(start),
            None => case == self.case,
        };
        self.side == side && self.property == property && named
    }
}

impl Differences {
    /// Compares one property of one case: whether each finds it good.
    pub fn compare(&mut self, property: &'static str, case: &str, ours: bool, theirs: bool, detail: &str) {
        let side = match (ours, theirs) {
            (true, false) => Side::More,
            (false, true) => Side::Less,
            _ => return *self.agreed.entry(property).or_default() += 1,
        };
        self.differing
            .push((side, property, case.to_owned(), detail.to_owned()));
    }

    /// Every difference is explained by one line of the list, and every line counts what it says. `least`: of each
    /// property so many agree at least, or the corpus is not all there.
    pub fn are_those_of(&self, list: &str, least: &[(&str, usize)]) {
        let lines = list.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
        let lines: Vec<Line> = lines.map(Line::read).collect();
        let mut counts = vec![0_usize; lines.len()];
        let mut wrong = Vec::new();
        for (side, property, case, detail) in &self.differing {
            let about = lines
                .iter()
                .zip(&mut counts)
                .filter(|(line, _)| line.is_about(*side, property, case));
            let mut about: Vec<_> = about.collect();
            match about.as_mut_slice() {
                [(_, count)] => **count += 1,
                [] => wrong.push(format!("not listed: {side:?} {property} {case}: {detail}")),
                _ => wrong.push(format!("listed twice: {side:?} {property} {case}")),
            }
        }
        for (line, count) in lines.iter().zip(counts) {
            if line.count != count {
                wrong.push(format!("{count} and not {}: {}", line.count, line.text));
            }
        }
        for (property, least) in least {
            let agreed = self.agreed.get(property).copied().unwrap_or_default();
            if agreed < *least {
                wrong.push(format!(
                    "only {agreed} agree about {property}: the corpus is not all there"
                ));
            }
        }
        let more = lines
            .iter()
            .filter(|l| l.side == Side::More)
            .map(|l| l.count)
            .sum::<usize>();
        eprintln!(
            "agree: {:?}; we say more: {more}; less: {}",
            self.agreed,
            self.differing.len() - more
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The list itself is judged: what it says too much and what it leaves out.
mod the_list {
    use super::Differences;

    fn told(list: &'static str) -> bool {
        let mut differences = Differences::default();
        differences.compare("trust", "one[a]", true, false, "");
        differences.compare("trust", "two[a]", false, true, "");
        differences.compare("trust", "two[b]", false, true, "");
        differences.compare("trust", "three", true, true, "");
        std::panic::catch_unwind(|| differences.are_those_of(list, &[("trust", 1)])).is_ok()
    }

    #[test]
    fn explains_every_difference() {
        assert!(told("# why\nmore 1 trust one[a]: so\n\nless 2 trust two*: so"));
        assert!(!told("less 2 trust two*: so"));
        assert!(!told("more 1 trust one[a]: so\nless 1 trust two[a]: so"));
        assert!(!told("more 1 time one[a]: so\nless 2 trust two*: so"));
    }

    #[test]
    fn counts_what_it_says_and_no_more() {
        assert!(!told("more 2 trust one[a]: so\nless 2 trust two*: so"));
        assert!(!told("more 1 trust one[a]: so\nless 3 trust two*: so"));
        assert!(!told(
            "more 1 trust one[a]: so\nless 2 trust two*: so\nless 1 trust three: so"
        ));
        assert!(!told(
            "more 1 trust one[a]: so\nless 2 trust two*: so\nless 1 trust two[a]: so"
        ));
    }

    #[test]
    fn gives_reasons_and_names_each_case_of_which_we_say_more() {
        assert!(!told("more 1 trust one[a]\nless 2 trust two*: so"));
        assert!(!told("more 1 trust one*: so\nless 2 trust two*: so"));
        assert!(!told("less 1 trust one[a]: so\nless 2 trust two*: so"));
    }
}
