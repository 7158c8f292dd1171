//! Whose request it is: the peer's, or whom a proxy speaks for that the operator named. What anybody else says of an
//! address is not looked at.

use std::net::IpAddr;

use super::network::Network;

/// The address that a request comes from. `forwarded` are the values of `X-Forwarded-For`, in their order: each proxy
/// adds at the end whom it heard, so the list is read from there, as long as those who wrote are trusted.
#[must_use]
pub fn origin<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[Network],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut known = peer.to_canonical();
    for heard in forwarded
        .rev()
        .flat_map(|line| line.rsplit(','))
        .take(MOST_PROXIES)
    {
        if !is_trusted(known) {
            break;
        }
        // What is no address ends the chain at the last proxy that is known.
        let Ok(address) = heard.trim().parse::<IpAddr>() else {
            break;
        };
        known = address.to_canonical();
    }
    known
}

/// A request passes two or three; a longer list is somebody's invention.
const MOST_PROXIES: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn from(peer: &str, forwarded: &[&str]) -> IpAddr {
        origin(
            ip(peer),
            forwarded.iter().copied(),
            &[network("10.0.0.0/8"), network("::1")],
        )
    }

    #[test]
    fn a_stranger_speaks_for_nobody() {
        assert_eq!(from("203.0.113.7", &["198.51.100.1"]), ip("203.0.113.7"));
    }

    #[test]
    fn a_trusted_proxy_speaks_for_whom_it_heard_and_what_that_one_claims_does_not_count() {
        assert_eq!(from("10.0.0.1", &["198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(from("10.0.0.1", &["1.1.1.1, 198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(
            from("10.0.0.1", &["1.1.1.1", "198.51.100.1, 10.0.0.2"]),
            ip("198.51.100.1")
        );
        assert_eq!(from("::1", &["2001:db8::9"]), ip("2001:db8::9"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_the_answer_is_the_peer_or_an_address_that_was_sent(
            lines in proptest::collection::vec("[0-9a-f:., \\PC]{0,60}", 0..4),
        ) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let peer = ip("10.0.0.1");
            let found = origin(peer, lines.iter().copied(), &[network("10.0.0.0/8")]);
            let sent = lines.iter().flat_map(|line| line.split(',')).filter_map(|one| one.trim().parse::<IpAddr>().ok());
            proptest::prop_assert!(found == peer || sent.map(|one| one.to_canonical()).any(|one| one == found));
            // Nobody is believed where nobody is named.
            proptest::prop_assert_eq!(origin(peer, lines.into_iter(), &[]), peer);
        }
    }

    #[test]
    fn a_broken_list_ends_at_the_last_known_proxy() {
        assert_eq!(from("10.0.0.1", &["198.51.100.1, nonsense"]), ip("10.0.0.1"));
        assert_eq!(
            from("10.0.0.1", &["198.51.100.1, \u{1F600}, 10.0.0.2"]),
            ip("10.0.0.2")
        );
        assert_eq!(from("10.0.0.1", &[]), ip("10.0.0.1"));
    }
}
