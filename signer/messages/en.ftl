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

verdict-indeterminate-do = Do not rely on it before you have cleared it up with whoever gave it to you.
verdict-invalid-do = Ask whoever signed it for the original document.
verdict-unsigned-do = Nothing proves who made it or whether it changed. If it should be signed, ask whoever gave it to you for the original.
verdict-technical = Technical detail
verdict-report = Report (JSON)
verdict-page = page { $number }
verdict-password-title = This file has a password
verdict-password-lead = With it we check what the file shows, too. We use it once and forget it.
verdict-password-wrong = That password does not open the file. Check it and choose the file again.
verdict-password-document = The same document
verdict-password-label = The document's password
verdict-password-button = Verify with the password
verify-sending = Sending…
verify-checking = Checking…
verify-failed = It did not arrive. Check your connection and try again.
verdict-file = File
verdict-signature = Signature of
verdict-timestamp = Timestamp of
verdict-nobody = somebody we could not identify
verdict-problems = Worth knowing
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
error-bad_question-title = This address does not understand the question
error-bad_question-what = Here at (an RFC 3339 time), pages=compare and lang are understood, once each; pages in JSON alone.
error-bad_question-do = The description is at /api/openapi.json.
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
problem-encrypted = The file is encrypted; what it shows was not compared.
problem-no_trust_anchors = This service has no trusted authorities configured.
