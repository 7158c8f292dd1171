//! Which addresses are on the public internet.

use std::net::IpAddr;

/// None of the special purposes of the IANA registries (RFC 6890 and its updates):
/// <https://www.iana.org/assignments/iana-ipv4-special-registry>,
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>. IPv4 inside IPv6 is not public: the inner address
/// could be anybody's.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let number = address.to_bits();
            !V4.iter().any(|(base, prefix)| same(number, *base, *prefix))
        }
        IpAddr::V6(address) => {
            // RFC 4291 §2.4: global unicast is 2000::/3.
            let [first, second, ..] = address.segments();
            let number = (u32::from(first) << 16) | u32::from(second);
            same(number, 0x2000_0000, 3) && !V6.iter().any(|(base, prefix)| same(number, *base, *prefix))
        }
    }
}

/// Do the first `prefix` bits agree?
fn same(one: u32, two: u32, prefix: u32) -> bool {
    let rest = 32_u32.saturating_sub(prefix);
    one.checked_shr(rest) == two.checked_shr(rest)
}

const V4: [(u32, u32); 15] = [
    (0x0000_0000, 8),  // this network
    (0x0a00_0000, 8),  // private use
    (0x6440_0000, 10), // shared, carrier-grade NAT
    (0x7f00_0000, 8),  // loopback
    (0xa9fe_0000, 16), // link-local
    (0xac10_0000, 12), // private use
    (0xc000_0000, 24), // protocol assignments
    (0xc000_0200, 24), // documentation
    (0xc058_6300, 24), // 6to4 relays
    (0xc0a8_0000, 16), // private use
    (0xc612_0000, 15), // benchmarking
    (0xc633_6400, 24), // documentation
    (0xcb00_7100, 24), // documentation
    (0xe000_0000, 4),  // multicast
    (0xf000_0000, 4),  // reserved, broadcast
];

/// The first 32 bits decide.
const V6: [(u32, u32); 6] = [
    (0x2001_0000, 23), // protocol assignments: Teredo, ORCHID, benchmarking
    (0x2001_0db8, 32), // documentation
    (0x2002_0000, 16), // 6to4
    (0x2620_004f, 32), // direct delegation of AS112
    (0x3fff_0000, 20), // documentation
    (0x5f00_0000, 16), // segment routing
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_special_block_ends_where_it_ends() {
        for (inside, beside) in [
            ("0.255.255.255", "1.0.0.0"),
            ("10.0.0.0", "9.255.255.255"),
            ("100.127.255.255", "100.128.0.0"),
            ("127.0.0.1", "126.255.255.255"),
            ("169.254.169.254", "169.255.0.0"),
            ("172.31.255.255", "172.32.0.0"),
            ("192.0.0.1", "192.0.1.0"),
            ("192.88.99.1", "192.88.98.255"),
            ("192.168.255.255", "192.169.0.0"),
            ("198.19.255.255", "198.20.0.0"),
            ("203.0.113.1", "203.0.114.0"),
            ("255.255.255.255", "223.255.255.255"),
            ("::1", "2600::1"),
            ("::ffff:8.8.8.8", "2a00::1"),
            ("64:ff9b::808:808", "2001:4860::1"),
            ("2001:1ff::1", "2001:200::1"),
            ("2002:808:808::1", "2003::1"),
            ("fe80::1", "3000::1"),
            ("fc00::1", "3ffe::1"),
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
            assert!(is_public(beside.parse().unwrap()), "{beside}");
        }
    }
}
