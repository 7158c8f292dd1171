//! The provider and the verifier decide each by itself which addresses are on the public internet, from the same
//! registries: neither may use the other. Here they are held against each other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn agree(address: IpAddr) {
    let (one, other) = (
        idp::rules::network::is_public(address),
        sdk::fetch::is_public(address),
    );
    assert_eq!(one, other, "{address}");
}

#[test]
fn both_agree_which_addresses_are_public() {
    // The ends of every /24 of IPv4 where one is special, of every /16 elsewhere: no special block is smaller. The ends
    // of every /32 of IPv6 where one is special, of every /16 elsewhere.
    for block in 0..=0xffff_u32 {
        agree(Ipv4Addr::from_bits(block << 16).into());
        agree(Ipv4Addr::from_bits((block << 16) | 0xffff).into());
        for first in [100_u32, 169, 172, 192, 198, 203] {
            agree(Ipv4Addr::from_bits((first << 24) | (block << 8)).into());
            agree(Ipv4Addr::from_bits((first << 24) | (block << 8) | 0xff).into());
        }
    }
    let ends = |base: u128, prefix: u32| {
        agree(Ipv6Addr::from_bits(base).into());
        agree(Ipv6Addr::from_bits(base | (u128::MAX >> prefix)).into());
    };
    for first in 0..=0xffff_u128 {
        ends(first << 112, 16);
        for outer in [0x2001_u128, 0x2002, 0x2620, 0x3fff, 0x5f00] {
            ends((outer << 112) | (first << 96), 32);
        }
    }
}
