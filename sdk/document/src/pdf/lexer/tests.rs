//! The lexer, value by value, and over nonsense.

use super::*;
use proptest::prelude::*;

fn read(text: &[u8]) -> Result<Object, Code> {
    Lexer::in_file(text, 0, true, &Limits::default())
        .object()
        .map_err(|e| e.code)
}

fn text(value: Result<Object, Code>) -> Vec<u8> {
    match value {
        Ok(Object::String(s)) => s.bytes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers() {
    assert_eq!(read(b"17"), Ok(Object::Integer(17)));
    assert_eq!(read(b"-17 0 R"), Ok(Object::Integer(-17)));
    assert_eq!(read(b"+.5"), Ok(Object::Real(0.5)));
    assert_eq!(read(b"4."), Ok(Object::Real(4.0)));
    assert_eq!(read(b"12 0 R"), Ok(Object::Reference(Reference::new(12))));
    assert_eq!(read(b"12 0 Rx"), Ok(Object::Integer(12)));
    for (written, value) in [
        (&b"12 0 R/"[..], Object::Reference(Reference::new(12))),
        (b"12\n0 R]", Object::Reference(Reference::new(12))),
        (b"12  0  R>", Object::Reference(Reference::new(12))),
        (b"12 34]", Object::Integer(12)),
        (b"12 34 56", Object::Integer(12)),
        (b"12 /", Object::Integer(12)),
        (b"12]", Object::Integer(12)),
        (b"12%", Object::Integer(12)),
        (b"12.5]", Object::Real(12.5)),
    ] {
        assert_eq!(read(written), Ok(value), "{}", written.escape_ascii());
    }
    for wrong in [
        &b"--1"[..],
        b"1.2.3",
        b".",
        b"-",
        b"1e5",
        b"99999999999999999999",
        b"4294967296 0 R",
        b"4294967296 0 R/",
        b"1 65536 R/",
        b"12x",
        b"12-3]",
    ] {
        assert_eq!(read(wrong), Err(Code::Number), "{}", wrong.escape_ascii());
    }
}

#[test]
fn strings() {
    assert_eq!(text(read(b"(a(b)c\\)\\n\\101\\\r\nd\re)")), b"a(b)c)\nAd\ne");
    assert_eq!(text(read(b"<48 65 6C6>")), b"Hel`");
    assert_eq!(read(b"(a"), Err(Code::Truncated));
    assert_eq!(read(b"<4x>"), Err(Code::String));
}

#[test]
fn names() {
    assert_eq!(read(b"/A#20B"), Ok(Object::Name(Name::new(*b"A B"))));
    assert_eq!(read(b"/"), Ok(Object::Name(Name::new(*b""))));
    assert_eq!(read(b"/A#2"), Err(Code::Name));
    assert_eq!(read(b"/A#00"), Err(Code::Name));
}

#[test]
fn a_key_that_says_two_things_is_refused() {
    assert_eq!(read(b"<</A 1/A 2>>"), Err(Code::Dictionary));
    assert!(read(b"<</A 1/A 1>>").is_ok());
    assert_eq!(
        read(b"<</A null>>"),
        Ok(Object::Dictionary(Dictionary::default()))
    );
}

#[test]
fn nesting_ends_at_the_limit_not_at_the_stack() {
    assert_eq!(read(&[b'['; 100_000]), Err(Code::TooDeep));
    let mut fits = vec![b'['; 64];
    fits.extend([b']'; 64]);
    assert!(read(&fits).is_ok());
}

#[test]
fn a_window_that_ends_inside_a_token_asks_for_more() {
    let whole = b"<</A(x\\)y)/B[1 0 R 2 3.5]/C<4142>/D true/E/F#41>> ";
    let limits = Limits::default();
    for cut in 0..whole.len() - 1 {
        let window = whole.get(..cut).unwrap();
        let error = Lexer::in_file(window, 0, false, &limits)
            .object()
            .map_err(|e| e.code);
        assert_eq!(error, Err(Code::Truncated), "cut at {cut}");
    }
    assert!(Lexer::in_file(whole, 0, false, &limits).object().is_ok());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn usual_numbers_are_read_as_all_others_are(text in "[0-9]{1,14}[ \n]{0,2}[0-9]{0,14}[ \n/.]{0,2}[R0-9/\\]%x. -]{0,3}") {
        let limits = Limits::default();
        if let Some((object, length)) = numbers::usual(text.as_bytes()) {
            let mut lexer = Lexer::in_file(text.as_bytes(), 0, true, &limits);
            prop_assert_eq!(lexer.any_number_or_reference(), Ok(object));
            prop_assert_eq!(lexer.position, length);
            let mut lexer = Lexer::in_file(text.as_bytes(), 0, false, &limits);
            prop_assert!(lexer.any_number_or_reference().is_ok());
        }
    }

    #[test]
    fn no_tokens_make_it_panic(tokens in "[\\[\\]<>()/#%R0-9. \\\\a-f-]{0,120}") {
        let _ = read(tokens.as_bytes());
    }
}

#[test]
fn an_array_of_more_values_than_are_kept_is_too_large_and_strings_count_twice() {
    let limits = Limits {
        object_values: 11,
        ..Limits::default()
    };
    let code = |element: &str, count: usize| {
        let text = format!("[{}]", element.repeat(count));
        let read = Lexer::in_file(text.as_bytes(), 0, true, &limits).object();
        read.err().map(|e| e.code)
    };
    for (element, most) in [("1 ", 10), ("(a)", 5), ("<61>", 5)] {
        assert_eq!(code(element, most), None, "{element}");
        assert_eq!(code(element, most + 1), Some(Code::TooLarge), "{element}");
    }
}

/// Around the length that is looked at at once: with digits alone, a space within, and what is no digit.
#[test]
fn long_hexadecimal_strings_are_read_whatever_stands_between_their_digits() {
    for length in 0..100_usize {
        let digits = "4a".repeat(length);
        let expected = vec![b'J'; length];
        assert_eq!(text(read(format!("<{digits}>").as_bytes())), expected);
        for place in [0, length, digits.len()] {
            let (before, behind) = digits.split_at(place);
            let spaced = read(format!("<{before} {behind}>").as_bytes());
            assert_eq!(text(spaced), expected, "{place} of {length}");
            assert_eq!(read(format!("<{before}g{behind}>").as_bytes()), Err(Code::String));
        }
    }
}
