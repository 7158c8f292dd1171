# The signing service talks like this: to you, in the active voice, in short sentences.

skip = Skip to the content
nav-label = Main
nav-desk = Desk
nav-history = History
nav-verify = Verify
nav-logout = Log out
foot-help = Help
foot-privacy = Privacy
title-error = Error: { $title }
summary-title = There is a problem

home-title = Signing and verifying documents
home-lead = Official documents carry the signature of whoever answers for them. They are signed here, and anyone can check them.
home-verify-title = Check a document
home-verify-text = Choose a signed PDF. We tell you who signed it, in what position, when, and whether anyone changed it afterwards. You need no account.
home-verify-button = Verify a document
home-sign-title = Sign documents
home-sign-text = For officials with a certificate. You review your documents, confirm that it is you, and sign one or many at once.
home-sign-button = Go to my desk

desk-title = Desk
desk-as = You sign as
desk-empty = Your documents appear here before you sign them.
desk-ready-title = Ready to sign
desk-look = Look
desk-remove = Remove
desk-review = Review and sign
desk-running = Under way
desk-recent = What you signed last
desk-cannot-sign = You cannot sign at the moment
desk-wrong-nothing = Tick at least one document to sign.
desk-wrong-not-ready = One of the documents is no longer available. Look at the list and choose again.
desk-wrong-page = Write the number of the stamp's page, for example 2.

upload-label = Add PDF documents
upload-hint = Drop them here or choose them. Several at once, up to { $limit } each.
upload-button = Add
upload-sending = Sending…
upload-checking = Checking…
upload-failed = It did not arrive. Try again.

refused-title = Cannot be signed
refused-dismiss = Got it
unfit-empty = The file is empty. Export it again and add it once more.
unfit-not_a_pdf = It is not a PDF. Export it as PDF and add it once more.
unfit-too_large = It is too large for this service.
unfit-truncated = It is cut off: its end is missing. Download or export it again.
unfit-damaged = It is damaged and cannot be read safely. Open it and save it as a new PDF.
unfit-encrypted = It is protected by a password. Save a copy without one.
unfit-too_deep = Its structure is so complex that it could harm whoever opens it. Save it as a new PDF.
unfit-no_pages = It has no pages.
unfit-certified_final = Its author certified it as final: it admits no more signatures.
unfit-dynamic_form = It is a dynamic form (XFA), which may change when opened. Print it as a PDF.

pages =
    { $n ->
        [one] 1 page
       *[other] { $n } pages
    }
already-signed = Already signed by
already-signed-broken = Earlier signature that no longer holds: of
earlier-sound = Unchanged since
earlier-unsound = The document was changed afterwards

stamp-title = Visible stamp
stamp-none = No visible stamp
stamp-choose-none = No stamp: the signature is inside the file
stamp-choose-visible = With a stamp: name, position, institution and date on the page
stamp-page = Page
stamp-page-first = First page
stamp-page-last = Last page
stamp-page-this = Another page
stamp-page-number = Page { $number }
stamp-number = Number, if you chose another page
stamp-place = Place
place-top-left = Top left
place-top-centre = Top centre
place-top-right = Top right
place-middle-left = Middle left
place-middle-centre = Centre
place-middle-right = Middle right
place-bottom-left = Bottom left
place-bottom-centre = Bottom centre
place-bottom-right = Bottom right

document-back = Back to the desk
document-refused = Cannot be signed
document-picture = First page of the document
document-pages = Pages
document-size = Size
document-received = Received
document-digest = Fingerprint
document-signatures = Earlier signatures
document-no-signatures = None
document-open = Download the original
document-remove = Remove from the desk
column-document = Document

approve-title =
    { $n ->
        [one] Sign 1 document
       *[other] Sign { $n } documents
    }
approve-lead = Look through the list: you will sign exactly these documents, with these fingerprints.
approve-next = We will ask you to confirm that it is you. Then we sign.
approve-button =
    { $n ->
        [one] Confirm and sign
       *[other] Confirm and sign all { $n }
    }
approve-back = Back
approve-not-proven-title = We have not signed yet
approve-not-proven = We did not receive the confirmation that it is you. You can try again: nothing was lost.

batch-title-running = { $n } of { $of } signed
batch-title-done =
    { $n ->
        [one] You signed 1 document
       *[other] You signed { $n } documents
    }
batch-title-partly = You signed { $n } of { $of } documents
batch-progress = { $n } of { $of } done
batch-leave = This page refreshes by itself. You can close it: we go on signing.
batch-done-lead = We checked each copy after signing it.
batch-partly-lead = Those that were not signed are back on your desk, with the reason beside them.
batch-download-all =
    { $n ->
        [one] Download
       *[other] Download all { $n } (zip)
    }
batch-download = Download
batch-retry = Back to the desk to try again
batch-more = Sign others
batch-documents = Documents
batch-approved = Approved on
item-signed = Signed
item-failed = Not signed
item-queued = Waiting
item-signing = Signing
failure-source_changed = The stored file is not the one you approved. We did not sign it.
failure-approval_expired = Your approval ran out before its turn. Approve it again.
failure-certificate_unusable = Your certificate stopped being valid.
failure-certificate_revoked = Your certificate, or its authority's, was revoked before we signed.
failure-certificate_on_hold = Your authority suspended your certificate before we signed.
failure-revocation_unknown = Today we do not know whether your certificate is in force. Tell whoever runs the service.
failure-certificate_not_trusted = Your certificate leads to no trusted authority. Tell whoever runs the service.
failure-cannot_extend = The file admits no signature without altering it. Save it as a new PDF.
failure-not_read_back = The signed copy did not pass our own check, so we did not release it.
failure-breaks_earlier = Signing it would break an earlier signature. Try without a visible stamp, or ask for the original.
failure-interrupted = The service stopped at that very moment. Approve it again.
failure-fault = Something of ours failed. Try again; if it happens again, ask for help.

history-title = History
history-lead = What you signed, the latest first.
history-empty = You have not signed anything here yet.
history-documents =
    { $n ->
        [one] 1 document
       *[other] { $n } documents
    }
history-signed =
    { $n ->
        [one] 1 signed
       *[other] { $n } signed
    }
history-failed = { $n } not signed
history-misuse = Do you see something you did not sign?

verify-title = Verify a document
verify-lead = We tell you who signed it, in what position, when, and whether anyone changed it afterwards.
verify-label = PDF document
verify-hint = Up to { $limit }. We look at it and forget it.
verify-button = Verify
verify-offline = You can also check it on your computer, without a network:
verify-keeps-nothing = We do not keep the file you verify.
verify-wrong-nothing = Choose the file you want to verify.
verify-wrong-not-a-pdf = That file is not a PDF. Choose the document just as you received it.
verify-wrong-too-large = That file is larger than { $limit }. Check it on your computer with the program verify.

verdict-valid-title = This document is authentic
verdict-later-changes-title = Authentic, with permitted changes after signing
verdict-indeterminate-title = We cannot confirm it
verdict-invalid-title = Do not trust this document
verdict-unsigned-title = This document is not signed
verdict-checked = What we checked
verdict-file = File
verdict-signature = Signature of
verdict-timestamp = Timestamp of
verdict-nobody = somebody we could not identify
verdict-problems = Worth knowing
verdict-page = (page { $number })
verdict-technical = Technical report (JSON)
verdict-another = Verify another
fact-integrity = Integrity
fact-changes = Later changes
fact-certificate = Certificate
fact-issued-by = issued by
fact-revocation = Revocation
fact-time = Date and time
fact-validity = Certificate valid
fact-level = Level
fact-issuer = Whole name of the issuer
fact-serial = Serial number
integrity-intact = Intact
integrity-broken = Broken
integrity-unknown = Could not be computed
coverage-whole-file = covers the whole file
coverage-whole-revision = covers the document as it was when signed
coverage-partial = does not cover the whole document
coverage-malformed = does not say properly which bytes it covers
changes-none = None
changes-long-term = Only evidence to preserve it
changes-form-fill = Only signatures or form fields
changes-annotate = Annotations
changes-unknown = They cannot be checked
changes-other = Changes that nobody signed
trust-trusted = Trusted
trust-untrusted = Not trusted
trust-unknown = Could not be checked
revocation-good = Not revoked
revocation-revoked = Revoked
revocation-unknown = No information
time-proven = proven by a timestamp
time-claimed = as the signer says
time-none = It does not say

error-reference = If you ask for help, give this code:
error-to-desk = Go to my desk
error-to-home = Go to the home page
error-not_found-title = There is nothing here
error-not_found-what = The address does not exist, or belongs to somebody else.
error-not_found-do = Check the link or start from the home page.
error-method_not_allowed-title = This address is used in another way
error-method_not_allowed-what = The page received a kind of request that it does not serve.
error-method_not_allowed-do = Start from the home page.
error-not_an_official-title = You cannot sign here yet
error-not_an_official-what = You logged in well, but you are not registered as an official who signs.
error-not_an_official-do = Ask whoever runs the service at your institution to register you. To verify documents you need nothing.
error-not_certified-title = Your certificate is not ready yet
error-not_certified-what = Your signing key exists, but its certificate has not been issued yet.
error-not_certified-do = Come back later or ask whoever runs the service at your institution.
error-certificate-title = Your certificate cannot be used
error-certificate-what = Your signing certificate will not do at the moment.
error-certificate-expired = Your signing certificate has expired.
error-certificate-not-yet = Your signing certificate is not valid yet.
error-certificate-revoked = Your authority revoked your signing certificate on { $at }.
error-certificate-on-hold = Your authority suspended your signing certificate on { $at }.
error-certificate-on-hold-do = Ask your authority when it ends. Your documents stay on the desk.
error-certificate-authority-revoked = The authority that issued your signing certificate was revoked.
error-certificate-no-news = Today we do not know whether your certificate is in force: we lack news from its authority.
error-certificate-not-trusted = Your signing certificate leads to no authority that this service trusts.
error-certificate-tell = Tell whoever runs the service at your institution. Your documents stay on the desk.
error-certificate-do = Ask whoever runs the service at your institution for a new one. Your documents stay on the desk.
error-nothing_chosen-title = You chose no documents
error-nothing_chosen-what = At least one document is needed to go on.
error-nothing_chosen-do = Go back to the desk and choose one or more.
error-too_many_chosen-title = Too many at once
error-too_many_chosen-what = You can approve up to { $limit } documents at a time.
error-too_many_chosen-do = Untick some: the others stay on your desk.
error-desk_full-title = Your desk is full
error-desk_full-what = { $limit } documents fit on the desk.
error-desk_full-do = Sign or remove some and add the others.
error-not_ready-title = A document is no longer available
error-not_ready-what = One of the documents was signed, removed or changed while you were reviewing.
error-not_ready-do = Go back to the desk and choose again. Nothing in this list was signed.
error-approval_spent-title = This approval cannot be used any more
error-approval_spent-what = It was used once already, or too much time has passed.
error-approval_spent-do = Look at your history. If something is missing, approve it again from the desk.
error-presence_mismatch-title = The confirmation does not match
error-presence_mismatch-what = You confirmed another list of documents, so we did not sign.
error-presence_mismatch-do = Go back to the desk and approve again. Nothing was lost.
error-presence_stale-title = The confirmation ran out
error-presence_stale-what = Too much time has passed since you confirmed that it was you.
error-presence_stale-do = Go back to the desk and approve again. Nothing was lost.
error-assurance-title = A safer login is needed
error-assurance-what = Signing needs two factors or a passkey.
error-assurance-do = Log out, log in with both, and approve again.
error-another_person-title = Another person confirmed
error-another_person-what = Whoever confirmed is not who was approving the documents.
error-another_person-do = Approve again and confirm with your own identity.
error-forged_form-title = We did not receive the form properly
error-forged_form-what = The form did not come from our page, or the page was very old.
error-forged_form-do = Go back to the desk, look through it and send it again. We changed nothing.
error-bad_form-title = The form is missing something
error-bad_form-what = It arrived incomplete or with something unexpected.
error-bad_form-do = Go back to the page before and send it again.
error-too_large-title = The file is too large
error-too_large-what = We accept files of up to { $limit }.
error-too_large-do = Split the document or reduce its images.
error-not_a_pdf-title = It is not a PDF
error-not_a_pdf-what = The file does not begin as a PDF.
error-not_a_pdf-do = Send the PDF document just as you received it.
error-busy-title = Many people are here at once
error-busy-what = At the moment we serve all that we can.
error-busy-do = Try again in a few seconds.
error-upload_broken-title = The upload broke off
error-upload_broken-what = The file did not arrive whole.
error-upload_broken-do = Check your connection and send it again.
error-storage_full-title = We ran out of space
error-storage_full-what = We could not keep the file. What came before is safe.
error-storage_full-do = Try again later. Whoever runs the service has been told.
error-internal-title = Something of ours failed
error-internal-what = We could not finish what you asked for. It is not your fault.
error-internal-do = Try again in a moment. If it happens again, ask for help with the code below.

help-title = Help
help-lead = What is asked most about signing and verifying.
help-1-title = What is the fingerprint?
help-1-text = A number that changes completely when a single byte of the file changes. When you approve, you confirm the fingerprints in the list; we sign those and no others.
help-2-title = Why do I confirm that it is me just before signing?
help-2-text = So that nobody signs for you with an open session. The confirmation counts once, for five minutes, and only for that list.
help-3-title = A document was not signed
help-3-text = The reason stands beside its name and the document is still on your desk. Correct it or approve it again.
help-4-title = I see a signature that I did not make
help-4-text = Log out, change your password at the identity service, and tell your institution's security today. Every signature is in a record that nobody can alter.

privacy-title = Privacy
privacy-lead = What we keep, and what for.
privacy-1-title = If you verify a document
privacy-1-text = We read the file, show you the result and delete it. We do not ask your name or keep the document.
privacy-2-title = If you sign
privacy-2-text = We keep your documents, their signed copies, and a record of what was approved and when. Only you see your desk.
privacy-3-title = Cookies
privacy-3-text = We use those that your session and your language need. No tracking, no third parties.

# What the report may point out, by its code.
problem-empty = The file is empty.
problem-not_a_pdf = The file is not a PDF.
problem-no_startxref = The file ends too early, or something was appended to it.
problem-truncated = The file ends in the middle of something.
problem-syntax = The file breaks the rules of PDF.
problem-number = A number in the file is none.
problem-string = A string in the file has no end.
problem-name = A name in the file is malformed.
problem-dictionary = A dictionary in the file says two things of one key.
problem-stream = A stream in the file does not have the length it states.
problem-object_header = An object is not where the cross-reference says.
problem-type = A value in the file has the wrong type.
problem-xref = A cross-reference section cannot be read.
problem-xref_loop = The cross-reference sections lead in a circle.
problem-object_stream = An object stream contradicts itself.
problem-filter = Compressed data in the file is damaged.
problem-catalog = The file has no catalogue.
problem-pages = The pages cannot be counted: their tree is malformed.
problem-form = The form cannot be read: its fields are malformed.
problem-too_deep = The file nests deeper than any honest one.
problem-too_large = Something in the file is larger than this program reads.
problem-too_much_work = Reading the file takes more work than any honest one.
problem-encrypted = The file is encrypted; what it shows was not compared.
problem-unreadable = The file could not be read to its end.
problem-reading_crashed = The file ended the program that read it, so nothing is known of it.
problem-reading_out_of_time = Reading the file took longer than is allowed, so nothing is known of it.
problem-leading_bytes = Something precedes the PDF in the file.
problem-trailing_bytes = Something follows the PDF in the file.
problem-xref_entry_twice = A cross-reference section lists an object twice.
problem-hybrid_conflict = Old and new readers find different objects in this file.
problem-trailer_size = A trailer states fewer objects than there are.
problem-revision_end = A revision of the file does not end as it must.
problem-prev_forward = The revisions of the file are out of order.
problem-signature_without_field = A signature is in the file that belongs to no signature field.
problem-signature_removed = A signature that an earlier revision has is no longer shown.
problem-byte_range_malformed = What the signature covers is not stated as it must be.
problem-byte_range_partial = The signature covers only a part of its revision.
problem-sub_filter_unsupported = The signature has a format that this program does not check.
problem-cms_encapsulates = The signature holds data of its own, which a signature in a PDF must not.
problem-cms_malformed = The signature cannot be decoded.
problem-cms_not_signed_data = The signature is another kind of object.
problem-cms_trailing_bytes = Bytes follow the end of the signature.
problem-cms_too_large = The signature is too large.
problem-cms_no_signer = The signature has no signer.
problem-cms_several_signers = The signature has several signers, where one is allowed.
problem-cms_duplicate_attribute = A signed attribute comes twice.
problem-cms_attribute_missing = A required signed attribute is missing.
problem-cms_too_many = The signature holds more than any honest one.
problem-timestamp_not_a_token = A timestamp is not a timestamp token.
problem-content_missing = What was signed is not at hand.
problem-content_changed = The content is not what was signed.
problem-signature_invalid = The signature value does not fit the certificate.
problem-content_type_mismatch = The signature is about another type of content.
problem-digest_algorithm_mismatch = The signature contradicts itself about its digest algorithm.
problem-signing_certificate_mismatch = The signature names another certificate than the one it comes with.
problem-signing_certificate_unbound = The signature does not state which certificate made it.
problem-signer_certificate_missing = The signer's certificate is not in the signature.
problem-algorithm_unsupported = The signature uses an algorithm that this program does not check.
problem-algorithm_weak = The signature uses an algorithm or key that is no longer safe.
problem-no_trust_anchors = This service has no trusted authorities configured.
problem-no_path = The certificate does not lead to a trusted root.
problem-certificate_expired = The certificate had expired, and nothing proves that the signature is older.
problem-certificate_not_yet_valid = The certificate was not valid yet.
problem-certificate_revoked = The certificate was revoked, and nothing proves that the signature is older.
problem-work_limit = Finding the way to a trusted root takes more work than any honest one.
problem-too_many_checks = Checking the signatures takes more work than any honest file causes.
problem-issuer_not_an_authority = A certificate was issued by one that is no authority.
problem-issuer_key_usage = A certificate was issued with a key that is for another use.
problem-path_length = An authority may not have another authority below it.
problem-critical_extension_unknown = A certificate has a condition that we do not know.
problem-name_constraint = An authority may not issue certificates for this name.
problem-certificate_policy = The certificates were not issued under an accepted policy.
problem-policy_mapping = A certificate equates policies that cannot be equated.
problem-certificate_purpose = The certificate is for another use.
problem-certificate_signature_invalid = A certificate was not signed by its issuer.
problem-revocation_outdated = What we have about the certificate's revocation speaks of earlier times alone.
problem-revocation_unknown = Nothing at hand says whether the certificate was revoked.
problem-authority_not_granted = No trusted list grants the authority above the certificate its status at that time.
problem-trusted_list_outdated = A trusted list has ended and says nothing of later times.
problem-evidence_not_fetched = Something was asked for over the network and did not come.
problem-time_claimed = Only the signer vouches for the time of signing; no timestamp proves it.
problem-timestamp_broken = A timestamp on the signature is broken or about something else.
problem-timestamp_untrusted = A timestamp on the signature is not from a trusted authority.
problem-timestamp_future = A timestamp is later than the time of verification.
problem-timestamp_order = The timestamps contradict each other.
problem-changed_after_signing = Something was changed after signing that no later signature explains.
problem-docmdp_violated = Something was changed after signing that the certification forbids.
problem-form_overwritten = A form field says something else than when it was signed.
problem-field_locked = A form field was changed that the signature locks.
problem-changes_unknown = What followed the signature could not be compared.
problem-cms_not_der = The signature is not encoded as it must be (DER).
problem-cms_attribute_order = The signed attributes are not in their due order.
problem-cms_digest_not_listed = The signature does not announce the digest algorithm it uses.
problem-cms_unreadable_certificate = A certificate inside the signature cannot be read.
problem-cms_unreadable_evidence = Revocation data inside the signature cannot be read.
problem-cms_signing_time = The time that the signature states cannot be read.
problem-cms_countersigned = Somebody countersigned the signature. Who it was has not been checked.
problem-cms_countersignature = A countersignature is about another signature, or cannot be read.
