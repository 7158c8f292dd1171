//! One thing about a list changed: what is signed is moved, doubled, renamed, or signed in another form.

use proptest::prelude::*;

use crate::{PLAIN_P384, XADES_RSA, pem, read};

/// From `start` to the end of `end`.
fn piece<'x>(text: &'x str, start: &str, end: &str) -> &'x str {
    let from = text.find(start).unwrap();
    let begun = from + start.len();
    let length = text[begun..].find(end).unwrap();
    &text[from..begun + length + end.len()]
}

fn signature(text: &str) -> &str {
    piece(text, "<ds:Signature ", "</ds:Signature>")
}

fn once(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[track_caller]
fn refused(text: &str, why: &str) {
    let refusal = read(text).unwrap_err().to_string();
    assert!(refusal.contains(why), "{refusal}");
}

const EVIL: &str = "<TrustServiceProviderList xmlns=\"http://uri.etsi.org/02231/v2#\"/>";

#[test]
fn row_29_a_list_inside_another_is_refused() {
    for list in [XADES_RSA, PLAIN_P384] {
        let (_, inner) = list.split_once("?>").unwrap();
        let root = "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\" \
                    TSLTag=\"http://uri.etsi.org/19612/TSLTag\">";
        let end = "</TrustServiceStatusList>";
        refused(
            &format!("{root}{EVIL}{inner}{end}"),
            "does not lie in the outermost element",
        );
        // The signature in front, what it signed wrapped behind it.
        let made = signature(inner);
        let signed = inner.replacen(made, "", 1);
        refused(
            &format!("{root}{EVIL}{made}{signed}{end}"),
            "changed after it was signed",
        );
        refused(
            &format!(
                "{root}{EVIL}{}{end}",
                once(
                    made,
                    "</ds:Signature>",
                    &format!("<ds:Object>{signed}</ds:Object></ds:Signature>")
                )
            ),
            if list == XADES_RSA {
                "changed"
            } else {
                "changed after"
            },
        );
    }
}

#[test]
fn row_29_a_second_signature_is_refused() {
    let made = signature(XADES_RSA);
    refused(
        &once(XADES_RSA, made, &format!("{made}{made}")),
        "there are several",
    );
    let other = signature(PLAIN_P384);
    refused(
        &once(XADES_RSA, made, &format!("{made}{other}")),
        "there are several",
    );
    let hidden = format!("<ds:Object>{other}</ds:Object></ds:Signature>");
    refused(&once(XADES_RSA, "</ds:Signature>", &hidden), "there are several");
    refused(&once(XADES_RSA, made, ""), "there is none");
    let elsewhere = signature(include_str!("data/pointers.xml"));
    refused(&once(XADES_RSA, made, elsewhere), "changed after it was signed");
}

#[test]
fn row_29_identifiers_that_lead_elsewhere_are_refused() {
    let id = piece(XADES_RSA, "<xades:SignedProperties Id=\"", "\"");
    let id = id
        .strip_prefix("<xades:SignedProperties Id=\"")
        .unwrap()
        .trim_end_matches('"');
    // The same identifier once more, in any spelling.
    for spelling in ["Id", "ID", "id", "xml:id"] {
        let twice = format!("<SchemeInformation {spelling}=\"{id}\">");
        refused(
            &once(XADES_RSA, "<SchemeInformation>", &twice),
            "an identifier comes twice",
        );
    }
    // Other properties for those that are signed.
    let properties = piece(XADES_RSA, "<xades:SignedProperties", "</xades:SignedProperties>");
    let other = properties.replace(id, "other");
    refused(&once(XADES_RSA, properties, &other), "its signed properties");
    refused(
        &once(XADES_RSA, properties, &format!("{other}{properties}")),
        "its signed properties",
    );
    refused(
        &once(XADES_RSA, "Target=\"#", "Target=\"#x"),
        "its signed properties",
    );
    // By identifier, but of something else.
    let by_id = include_str!("data/by-identifier.xml");
    let moved = once(by_id, " Id=\"lista\"", "");
    refused(
        &once(&moved, "<SchemeInformation>", "<SchemeInformation Id=\"lista\">"),
        "something else than the whole",
    );
}

#[test]
fn another_form_of_signature_is_refused() {
    let enveloped = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
    let exclusive = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>x</ds:XPath></ds:Transform>";
    let xslt = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>";
    for (from, to, why) in [
        (
            "URI=\"\"",
            "URI=\"#xpointer(/)\"",
            "something else than the whole",
        ),
        (
            "URI=\"\"",
            "URI=\"http://127.0.0.1/lista.xml\"",
            "something else than the whole",
        ),
        (" URI=\"\"", "", "something else than the whole"),
        (enveloped, xpath, "the transforms"),
        (enveloped, &format!("{enveloped}{xslt}"), "the transforms"),
        (enveloped, "", "the transforms"),
        (exclusive, "", "the transforms"),
        (
            "xml-exc-c14n#\"/><ds:SignatureMethod",
            "xml-exc-c14n#WithComments\"/><ds:SignatureMethod",
            "the canonicalisation",
        ),
        (
            "xml-exc-c14n#\"/></ds:Transforms>",
            "xml-exc-c14n#\"><InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"tslx\"/></ds:Transform></ds:Transforms>",
            "the transforms",
        ),
        (
            "xmldsig-more#rsa-sha256",
            "xmldsig-more#hmac-sha256",
            "an algorithm that is not checked",
        ),
        (
            "2001/04/xmldsig-more#rsa-sha256",
            "2000/09/xmldsig#rsa-sha1",
            "an algorithm that is not checked",
        ),
        ("xmlenc#sha256", "xmldsig#sha1", "a digest that is not checked"),
        ("<ds:SignatureValue>", "<ds:SignatureValue><a/>", "base64"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>*", "base64"),
        (
            "<ds:SignatureValue>",
            "<ds:SignatureValue>AAAA",
            "none of the certificates given",
        ),
        ("<ds:KeyInfo", "<ds:Manifest/><ds:KeyInfo", "its parts"),
        (
            " Type=\"http://uri.etsi.org/01903#SignedProperties\"",
            " Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\"",
            "another type",
        ),
        (
            " Type=\"http://uri.etsi.org/01903#SignedProperties\"",
            "",
            "several references",
        ),
    ] {
        let why = why.replace("an algorithm", "a signature algorithm");
        refused(&once(XADES_RSA, from, to), &why);
    }
}

#[test]
fn what_the_signature_says_of_itself_is_signed() {
    for (from, to, why) in [
        (
            "<ds:SignedInfo>",
            "<ds:SignedInfo><!-- x --> ",
            "none of the certificates given",
        ),
        (
            " Id=\"SignXMLReference",
            " Id=\"SignXMLreference",
            "none of the certificates given",
        ),
        (
            "<xades:SigningTime>2",
            "<xades:SigningTime>1",
            "changed after it was signed",
        ),
        (
            "<xades:MimeType>text",
            "<xades:MimeType>test",
            "changed after it was signed",
        ),
    ] {
        refused(&once(XADES_RSA, from, to), why);
    }
    // Its certificate's digest.
    let named = piece(XADES_RSA, "<xades:CertDigest>", "</xades:CertDigest>");
    let value = piece(named, "<ds:DigestValue>", "</ds:DigestValue>");
    let reversed: String = value["<ds:DigestValue>".len()..][..42].chars().rev().collect();
    let other = once(XADES_RSA, &value["<ds:DigestValue>".len()..][..42], &reversed);
    refused(&other, "names another certificate");
}

#[test]
fn what_a_list_says_is_signed() {
    for (from, to) in [
        ("2026-06-01", "2027-06-01"),
        ("Svcstatus/withdrawn", "Svcstatus/granted"),
        ("<SchemeTerritory>CL", "<SchemeTerritory>AR"),
        ("Prestador&#13;", "Prestador"),
        ("<TSLSequenceNumber>7", "<TSLSequenceNumber>8"),
        ("Id=\"", "id=\""),
        ("<SchemeInformation>", "<SchemeInformation> "),
        ("<SchemeInformation>", "<SchemeInformation><x xmlns=\"\"/>"),
    ] {
        if XADES_RSA.contains(from) && from != "Id=\"" {
            refused(&once(XADES_RSA, from, to), "changed after it was signed");
        }
    }
}

#[test]
fn what_canonical_form_leaves_out_may_change() {
    let original = read(XADES_RSA).unwrap();
    for (from, to) in [
        (" comments are not signed ", " or are they? "),
        ("?>\n<", "?>\n\n<!-- in front --><"),
        ("<SchemeInformation>", "<SchemeInformation  >"),
        ("<TSLSequenceNumber>7", "<TSLSequenceNumber>&#55;"),
        ("<TSLSequenceNumber>7", "<TSLSequenceNumber><![CDATA[7]]>"),
        (
            " TSLTag=\"http://uri.etsi.org/19612/TSLTag\"",
            "\n TSLTag='http://uri.etsi.org/19612/TSLTag'",
        ),
    ] {
        let changed = once(XADES_RSA, from, to);
        assert_eq!(read(&changed).unwrap(), original, "{to}");
    }
}

#[test]
fn certificates_inside_are_not_asked_who_signed() {
    // KeyInfo names the authority on the list, whose key the attacker has: nothing changes.
    let key_info = piece(XADES_RSA, "<ds:KeyInfo", "</ds:KeyInfo>");
    let without = once(XADES_RSA, key_info, "");
    assert_eq!(
        read(&without).unwrap().signer,
        pem(include_str!("data/signer-rsa.pem"))
    );
}

proptest! {
    /// No change of one byte makes a list say something else.
    #[test]
    fn no_changed_byte_changes_what_is_believed(at in 0..PLAIN_P384.len(), byte: u8) {
        let mut bytes = PLAIN_P384.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(text) = std::str::from_utf8(&bytes) && let Ok(list) = read(text) {
            prop_assert_eq!(list, read(PLAIN_P384).unwrap());
        }
    }

    /// Nor does a piece taken out, or written twice.
    #[test]
    fn no_piece_left_out_or_doubled_changes_what_is_believed(from in 0..PLAIN_P384.len(), length in 1..400_usize, twice: bool) {
        let Some(piece) = PLAIN_P384.get(from..from + length) else { return Ok(()) };
        let changed = PLAIN_P384.replacen(piece, &if twice { piece.repeat(2) } else { String::new() }, 1);
        if let Ok(list) = read(&changed) {
            prop_assert_eq!(list, read(PLAIN_P384).unwrap());
        }
    }
}
