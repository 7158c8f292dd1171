//! Whose request it is: the peer's, or whom a proxy speaks for that the operator named. What anybody else says of an
//! address is not looked at.

use std::net::IpAddr;

use serde::Deserialize;

/// Addresses of one network: `10.1.0.0/16`, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cidr {
    address: IpAddr,
    bits: u32,
}

impl Cidr {
    /// The address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => same(
                u128::from(network.to_bits()),
                u128::from(address.to_bits()),
                32,
                self.bits,
            ),
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                same(network.to_bits(), address.to_bits(), 128, self.bits)
            }
            _ => false,
        }
    }
}

/// The first `bits` of two numbers of `width` bits are the same.
fn same(one: u128, other: u128, width: u32, bits: u32) -> bool {
    let rest = width.saturating_sub(bits);
    one.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
}

impl TryFrom<String> for Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let told = || format!("{text}: write an address or a network, as in 10.1.0.0/16");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.as_str(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| told())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| told())?;
        if bits <= width {
            Ok(Self { address, bits })
        } else {
            Err(told())
        }
    }
}

/// The address that a request comes from. `forwarded` are the values of `X-Forwarded-For`, in their order: each proxy
/// adds at the end whom it heard, so the list is read from there, as long as those who wrote are trusted.
#[must_use]
pub fn origin<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[Cidr],
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

    fn cidr(text: &str) -> Cidr {
        Cidr::try_from(text.to_owned()).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn from(peer: &str, forwarded: &[&str]) -> IpAddr {
        origin(
            ip(peer),
            forwarded.iter().copied(),
            &[cidr("10.0.0.0/8"), cidr("::1")],
        )
    }

    #[test]
    fn a_network_contains_its_addresses_and_no_others() {
        assert!(cidr("10.1.0.0/16").contains(ip("10.1.255.255")));
        assert!(!cidr("10.1.0.0/16").contains(ip("10.2.0.0")));
        assert!(cidr("10.1.2.3").contains(ip("::ffff:10.1.2.3")));
        assert!(cidr("2001:db8::/32").contains(ip("2001:db8:1::1")));
        assert!(!cidr("2001:db8::/32").contains(ip("2001:db9::1")));
        assert!(cidr("0.0.0.0/0").contains(ip("8.8.8.8")) && !cidr("0.0.0.0/0").contains(ip("::1")));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "example.org",
            "10.0.0.0/-1",
            "10.0.0.0/",
        ] {
            assert!(Cidr::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
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
            let found = origin(peer, lines.iter().copied(), &[cidr("10.0.0.0/8")]);
            let sent = lines.iter().flat_map(|line| line.split(',')).filter_map(|one| one.trim().parse::<IpAddr>().ok());
            proptest::prop_assert!(found == peer || sent.map(|one| one.to_canonical()).any(|one| one == found));
            // Nobody is believed where nobody is named.
            proptest::prop_assert_eq!(origin(peer, lines.into_iter(), &[]), peer);
        }

        #[test]
        fn no_text_makes_a_network_panic(text in "[0-9a-f:./]{0,40}") {
            let _parsed = Cidr::try_from(text).map(|cidr| cidr.contains(ip("10.0.0.1")));
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
