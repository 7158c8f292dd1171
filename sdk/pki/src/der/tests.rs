//! What is read, and what is refused.

use super::*;
use time::macros::datetime;

#[test]
fn row_59_a_length_in_too_many_octets_is_refused_in_der_and_read_in_ber() {
    let bytes = [0x04, 0x81, 0x01, 0xaa];
    assert_eq!(Reader::new(&bytes, Rules::Der).read(), Err(DerError::NotDer));
    assert_eq!(Reader::new(&bytes, Rules::Ber).read().unwrap().value(), [0xaa]);
}

#[test]
fn an_indefinite_length_ends_at_its_own_end_of_contents() {
    let bytes = [
        0x30, 0x80, 0x30, 0x80, 0x02, 0x01, 0x05, 0, 0, 0x02, 0x01, 0x06, 0, 0, 0xff,
    ];
    let mut reader = Reader::new(&bytes, Rules::Ber);
    let outer = reader.read().unwrap();
    assert_eq!(outer.raw().len(), 14);
    let mut inside = outer.reader().unwrap();
    assert_eq!(inside.read().unwrap().value(), [0x02, 0x01, 0x05]);
    let six = inside.read().unwrap();
    assert_eq!((six.small().unwrap(), six.span()), (6, 9..12));
    assert_eq!(reader.rest(), [0xff]);
}

#[test]
fn pieces_of_a_ber_octet_string_are_joined() {
    let bytes = [0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x01, 0xbb, 0, 0];
    assert_eq!(*Reader::new(&bytes, Rules::Ber).octets().unwrap(), [0xaa, 0xbb]);
    assert!(Reader::new(&bytes, Rules::Der).octets().is_err());
}

#[test]
fn row_59_ten_thousand_levels_are_refused_without_recursion() {
    let deep = [0x30_u8, 0x80].repeat(10_000);
    assert_eq!(Reader::new(&deep, Rules::Ber).read(), Err(DerError::Depth));
}

#[test]
fn row_59_lengths_beyond_the_input_or_four_octets_are_refused() {
    for bytes in [
        &[0x04, 0x05, 0x00][..],
        &[0x04, 0x85, 1, 0, 0, 0, 0],
        &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
    ] {
        assert!(Reader::new(bytes, Rules::Der).read().is_err());
    }
}

#[test]
fn row_59_times_are_read_in_zulu_with_seconds_only() {
    let read = |tag, text: &str| whole(&encode(tag, text.as_bytes()), tag).unwrap().time();
    assert_eq!(
        read(UTC_TIME, "491231235959Z"),
        Ok(datetime!(2049-12-31 23:59:59 UTC))
    );
    assert_eq!(
        read(UTC_TIME, "500101000000Z"),
        Ok(datetime!(1950-01-01 0:00 UTC))
    );
    assert_eq!(
        read(GENERALIZED_TIME, "20500101000000Z"),
        Ok(datetime!(2050-01-01 0:00 UTC))
    );
    for bad in [
        "4912312359Z",
        "491231235959",
        "491231235959+0000",
        "491331235959Z",
        "4912312359-1Z",
    ] {
        assert!(read(UTC_TIME, bad).is_err(), "{bad}");
    }
    assert!(read(GENERALIZED_TIME, "20500101000000.5Z").is_err());
}

#[test]
fn a_fraction_of_a_second_is_read_where_it_is_allowed() {
    let read = |text: &str| {
        whole(&encode(GENERALIZED_TIME, text.as_bytes()), GENERALIZED_TIME)
            .unwrap()
            .time_with_fraction()
    };
    assert_eq!(
        read("20261121120000.25Z"),
        Ok(datetime!(2026-11-21 12:00:00.25 UTC))
    );
    assert!(read("20261121120000.250Z").is_err());
    assert!(read("20261121120000.Z").is_err());
}

#[test]
fn row_59_padded_and_empty_integers_are_refused() {
    for bad in [&[][..], &[0x00, 0x01], &[0xff, 0x80]] {
        assert!(whole(&encode(INTEGER, bad), INTEGER).unwrap().integer().is_err());
    }
    assert_eq!(
        whole(&encode(INTEGER, &[0x00, 0x80]), INTEGER).unwrap().small(),
        Ok(128)
    );
}

#[test]
fn named_bits_count_from_the_left() {
    let bits = |value: &[u8]| {
        whole(&encode(BIT_STRING, value), BIT_STRING)
            .unwrap()
            .named_bits()
    };
    assert_eq!(bits(&[1, 0x06]), Ok(0b0110_0000));
    assert_eq!(bits(&[7, 0x00, 0x80]), Ok(1 << 8));
    assert!(bits(&[1, 0x07]).is_err());
}

#[test]
fn what_is_encoded_is_read_back() {
    for size in [0, 1, 127, 128, 255, 256, 70_000] {
        let value = vec![7_u8; size];
        assert_eq!(
            whole(&encode(OCTET_STRING, &value), OCTET_STRING)
                .unwrap()
                .value(),
            value
        );
    }
}
