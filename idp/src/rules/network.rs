//! Networks and addresses: which ones are the public internet, which ones an operator named.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::Deserialize;

/// A block of addresses (`10.0.0.0/8`, `2001:db8::/32`); a single address is the block of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Self {
        Self {
            base: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            prefix,
        }
    }

    const fn v6(first: u16, second: u16, prefix: u8) -> Self {
        Self {
            base: IpAddr::V6(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0)),
            prefix,
        }
    }

    /// `address` lies in this block.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (base, address, width) = match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                (u128::from(base.to_bits()), u128::from(address.to_bits()), 32_u8)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let rest = u32::from(width.saturating_sub(self.prefix));
        // A shift by the whole width is no shift: the block of everything.
        base.checked_shr(rest) == address.checked_shr(rest)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let told = || format!("{text}: not a network; write 10.0.0.0/8, 2001:db8::/32 or one address");
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| told())?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(prefix) => prefix
                .parse()
                .ok()
                .filter(|prefix| *prefix <= width)
                .ok_or_else(told)?,
        };
        Ok(Self { base, prefix })
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// `address` is on the public internet: none of the special purposes of the IANA registries (RFC 6890 and its updates).
///
/// IPv4 inside IPv6 (mapped, NAT64, 6to4, Teredo) is not: the inner address could be anybody's.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    let global = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(_) => GLOBAL_UNICAST.contains(address),
    };
    global && !SPECIAL.iter().any(|network| network.contains(address))
}

/// RFC 4291 §2.4; the rest of IPv6 is loopback, link-local, unique-local, multicast, mapped IPv4 or not given out.
const GLOBAL_UNICAST: Network = Network::v6(0x2000, 0, 3);

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>
const SPECIAL: [Network; 21] = [
    // This network, private use, shared address space (carrier-grade NAT), loopback, link-local
    Network::v4(0, 0, 0, 0, 8),
    Network::v4(10, 0, 0, 0, 8),
    Network::v4(100, 64, 0, 0, 10),
    Network::v4(127, 0, 0, 0, 8),
    Network::v4(169, 254, 0, 0, 16),
    Network::v4(172, 16, 0, 0, 12),
    // Protocol assignments, documentation, 6to4 relays, private use, benchmarking
    Network::v4(192, 0, 0, 0, 24),
    Network::v4(192, 0, 2, 0, 24),
    Network::v4(192, 88, 99, 0, 24),
    Network::v4(192, 168, 0, 0, 16),
    Network::v4(198, 18, 0, 0, 15),
    Network::v4(198, 51, 100, 0, 24),
    Network::v4(203, 0, 113, 0, 24),
    // Multicast, reserved with broadcast
    Network::v4(224, 0, 0, 0, 4),
    Network::v4(240, 0, 0, 0, 4),
    // Protocol assignments (Teredo, ORCHID, benchmarking), documentation, 6to4, direct delegation, documentation
    Network::v6(0x2001, 0, 23),
    Network::v6(0x2001, 0x0db8, 32),
    Network::v6(0x2002, 0, 16),
    Network::v6(0x2620, 0x004f, 32),
    Network::v6(0x3fff, 0, 20),
    Network::v6(0x5f00, 0, 16),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_class_of_special_address_is_not_public() {
        for address in [
            // IPv4, each block at both ends
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
            // IPv6: unspecified, loopback, compatible, mapped, NAT64 of both kinds, discard
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::a00:1",
            "100::1",
            // Teredo, ORCHID, documentation, 6to4 (of 127.0.0.1), documentation
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            // Unique-local, link-local, site-local, multicast
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_lies_beside_the_special_blocks_is_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2600::1",
            "2a00:1450:4003::1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_block_holds_its_addresses_and_no_others() {
        let block: Network = "10.1.0.0/16".parse().unwrap();
        assert!(block.contains("10.1.255.255".parse().unwrap()));
        assert!(!block.contains("10.2.0.0".parse().unwrap()));
        assert!(!block.contains("::ffff:10.1.0.1".parse().unwrap()));
        let one: Network = "2001:db8::7".parse().unwrap();
        assert!(
            one.contains("2001:db8::7".parse().unwrap()) && !one.contains("2001:db8::8".parse().unwrap())
        );
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("255.1.2.3".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "localhost",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_network_or_refused(text in ".{0,60}") {
            let _ = text.parse::<Network>();
        }

        #[test]
        fn ipv4_inside_ipv6_is_never_public(inner in any::<u32>()) {
            let inner = Ipv4Addr::from_bits(inner);
            prop_assert!(!is_public(IpAddr::V6(inner.to_ipv6_mapped())));
            prop_assert!(!is_public(IpAddr::V6(inner.to_ipv6_compatible())));
        }
    }
}
