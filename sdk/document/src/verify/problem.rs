//! Every problem a report may name: a stable code and one sentence.

use crate::report::Problem;

/// With these, the document is not what somebody signed.
pub(super) const AGAINST: [&str; 4] = [
    "changed_after_signing",
    "docmdp_violated",
    "field_locked",
    "signature_removed",
];

pub(crate) fn problem(code: &'static str, field: Option<String>) -> Problem {
    Problem {
        code,
        page: None,
        field,
        text: text(code).to_owned(),
    }
}

/// One sentence for each code; codes of other parts that need no sentence of their own speak for
/// themselves.
pub(super) fn text(code: &'static str) -> &'static str {
    SENTENCES
        .iter()
        .find(|(name, _)| *name == code)
        .map_or(code, |(_, text)| *text)
}

pub(crate) const SENTENCES: &[(&str, &str)] = &[
    // Reading
    ("empty", "The file is empty."),
    ("not_a_pdf", "The file is not a PDF."),
    (
        "no_startxref",
        "The file ends too early, or something was appended to it.",
    ),
    ("truncated", "The file ends in the middle of something."),
    ("syntax", "The file breaks the rules of PDF."),
    ("number", "A number in the file is none."),
    ("string", "A string in the file has no end."),
    ("name", "A name in the file is malformed."),
    (
        "dictionary",
        "A dictionary in the file says two things of one key.",
    ),
    (
        "stream",
        "A stream in the file does not have the length it states.",
    ),
    (
        "object_header",
        "An object is not where the cross-reference says.",
    ),
    ("type", "A value in the file has the wrong type."),
    ("xref", "A cross-reference section cannot be read."),
    ("xref_loop", "The cross-reference sections lead in a circle."),
    ("object_stream", "An object stream contradicts itself."),
    ("filter", "Compressed data in the file is damaged."),
    ("catalog", "The file has no catalogue."),
    ("pages", "The pages cannot be counted: their tree is malformed."),
    ("form", "The form cannot be read: its fields are malformed."),
    ("too_deep", "The file nests deeper than any honest one."),
    (
        "too_large",
        "Something in the file is larger than this program reads.",
    ),
    (
        "too_much_work",
        "Reading the file takes more work than any honest one.",
    ),
    (
        "encrypted",
        "The file is encrypted and no password opens it; what it shows was not compared.",
    ),
    ("unreadable", "The file could not be read to its end."),
    (
        "reading_crashed",
        "The file ended the program that read it, so nothing is known of it.",
    ),
    (
        "reading_out_of_time",
        "Reading the file took longer than is allowed, so nothing is known of it.",
    ),
    // Irregular without harm: listed, never told
    (
        "xref_entry_width",
        "A line of a cross-reference table has the wrong length.",
    ),
    ("free_head", "The list of free objects has no head."),
    // Irregular, so that readers may differ
    ("leading_bytes", "Something precedes the PDF in the file."),
    ("trailing_bytes", "Something follows the PDF in the file."),
    (
        "xref_entry_twice",
        "A cross-reference section lists an object twice.",
    ),
    (
        "hybrid_conflict",
        "Old and new readers find different objects in this file.",
    ),
    ("trailer_size", "A trailer states fewer objects than there are."),
    ("revision_end", "A revision of the file does not end as it must."),
    ("prev_forward", "The revisions of the file are out of order."),
    // Signatures
    (
        "signature_without_field",
        "A signature is in the file that belongs to no signature field.",
    ),
    (
        "signature_removed",
        "A signature that an earlier revision has is no longer shown.",
    ),
    (
        "byte_range_malformed",
        "What the signature covers is not stated as it must be.",
    ),
    (
        "byte_range_partial",
        "The signature covers only a part of its revision.",
    ),
    (
        "sub_filter_unsupported",
        "The signature has a format that this program does not check.",
    ),
    (
        "cms_encapsulates",
        "The signature holds data of its own, which a signature in a PDF must not.",
    ),
    ("cms_malformed", "The signature cannot be decoded."),
    ("cms_not_signed_data", "The signature is another kind of object."),
    ("cms_trailing_bytes", "Bytes follow the end of the signature."),
    ("cms_too_large", "The signature is too large."),
    ("cms_no_signer", "The signature has no signer."),
    (
        "cms_several_signers",
        "The signature has several signers, where one is allowed.",
    ),
    ("cms_duplicate_attribute", "A signed attribute comes twice."),
    ("cms_attribute_missing", "A required signed attribute is missing."),
    (
        "cms_too_many",
        "The signature holds more of something than any honest one.",
    ),
    ("timestamp_not_a_token", "A timestamp is not a timestamp token."),
    ("cms_not_der", "The signature is not encoded in DER."),
    (
        "cms_attribute_order",
        "The signed attributes are not in the order of DER.",
    ),
    (
        "cms_digest_not_listed",
        "The signature does not list its digest algorithm in front.",
    ),
    (
        "cms_unreadable_certificate",
        "A certificate in the signature cannot be read.",
    ),
    (
        "cms_unreadable_evidence",
        "Revocation evidence in the signature cannot be read.",
    ),
    (
        "cms_signing_time",
        "The time that the signature states cannot be read.",
    ),
    (
        "cms_countersigned",
        "Somebody countersigned the signature; by whom was not judged.",
    ),
    (
        "cms_countersignature",
        "A countersignature is about another signature, or cannot be read.",
    ),
    ("content_missing", "What was signed is not at hand."),
    ("content_changed", "The content is not what was signed."),
    (
        "signature_invalid",
        "The signature value does not fit the certificate.",
    ),
    (
        "content_type_mismatch",
        "The signature is about another type of content.",
    ),
    (
        "digest_algorithm_mismatch",
        "The signature contradicts itself about its digest algorithm.",
    ),
    (
        "signing_certificate_mismatch",
        "The signature names another certificate than the one it comes with.",
    ),
    (
        "signing_certificate_unbound",
        "The signature does not state which certificate made it.",
    ),
    (
        "signer_certificate_missing",
        "The signer's certificate is not in the signature.",
    ),
    (
        "algorithm_unsupported",
        "The signature uses an algorithm that this program does not check.",
    ),
    (
        "algorithm_weak",
        "The signature uses an algorithm or key that is no longer safe.",
    ),
    // Trust
    (
        "no_trust_anchors",
        "No trust anchors were given, so nobody is trusted. Name roots with --trust.",
    ),
    ("no_path", "The certificate does not lead to a trusted root."),
    (
        "authority_not_granted",
        "No trusted list grants the authority above the certificate its status at that time.",
    ),
    (
        "trusted_list_outdated",
        "A trusted list has ended, and says nothing of later times. Get its newest issue.",
    ),
    (
        "certificate_expired",
        "The certificate had expired, and nothing proves that the signature is older.",
    ),
    ("certificate_not_yet_valid", "The certificate was not valid yet."),
    (
        "certificate_revoked",
        "The certificate was revoked, and nothing proves that the signature is older.",
    ),
    ("certificate_purpose", "The certificate is for another use."),
    (
        "certificate_signature_invalid",
        "A certificate was not signed by its issuer.",
    ),
    (
        "work_limit",
        "Finding the way to a trusted root takes more work than any honest one.",
    ),
    (
        "too_many_checks",
        "Checking the signatures takes more work than any honest file causes.",
    ),
    (
        "issuer_not_an_authority",
        "A certificate was issued by one that is no authority.",
    ),
    (
        "issuer_key_usage",
        "A certificate was issued with a key that is for another use.",
    ),
    (
        "path_length",
        "An authority may not have another authority below it.",
    ),
    (
        "critical_extension_unknown",
        "A certificate has a condition that this program does not know.",
    ),
    (
        "name_constraint",
        "An authority may not issue certificates for this name.",
    ),
    (
        "certificate_policy",
        "The certificates were not issued under an accepted policy.",
    ),
    (
        "policy_mapping",
        "A certificate equates policies that cannot be equated.",
    ),
    (
        "revocation_unknown",
        "Nothing at hand says whether the certificate was revoked.",
    ),
    (
        "revocation_outdated",
        "What is at hand about the certificate's revocation speaks of earlier times alone.",
    ),
    (
        "evidence_not_fetched",
        "Something was asked for over the network and did not come: an issuer's certificate, a response or a list.",
    ),
    // Time
    (
        "time_claimed",
        "Only the signer vouches for the time of signing; no timestamp proves it.",
    ),
    (
        "timestamp_broken",
        "A timestamp on the signature is broken or about something else.",
    ),
    (
        "timestamp_untrusted",
        "A timestamp on the signature is not from a trusted authority.",
    ),
    (
        "timestamp_future",
        "A timestamp is later than the time of verification.",
    ),
    ("timestamp_order", "The timestamps contradict each other."),
    // What followed
    (
        "changed_after_signing",
        "Something was changed after signing that no later signature explains.",
    ),
    (
        "docmdp_violated",
        "Something was changed after signing that the certification forbids.",
    ),
    (
        "form_overwritten",
        "A form field that was filled in says something else than when it was signed.",
    ),
    (
        "field_locked",
        "A form field was changed that the signature locks.",
    ),
    (
        "changes_unknown",
        "What followed the signature could not be compared.",
    ),
];
