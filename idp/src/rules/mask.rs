//! Numbers as they are shown where others may look on: enough for their owner to know them by.

/// Every letter and digit but the last four, hidden; what stands between them stays, so that the shape is recognised.
#[must_use]
pub fn number(text: &str) -> String {
    let all = text.chars().filter(|c| c.is_alphanumeric()).count();
    let mut hidden = all.saturating_sub(SHOWN);
    let hide = |c: char| {
        if hidden == 0 || !c.is_alphanumeric() {
            return c;
        }
        hidden = hidden.saturating_sub(1);
        '•'
    };
    text.chars().map(hide).collect()
}

/// As payment cards are shown.
const SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_are_shown_in_their_places() {
        assert_eq!(number("12.345.678-K"), "••.•••.678-K");
        assert_eq!(number("+56226904000"), "+•••••••4000");
        assert_eq!(number("123"), "123");
    }
}
