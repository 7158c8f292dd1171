# Whether the certificate was revoked: no, since when, or why it is not known.

revocation-good-as-of = by what its authority published on { $at }
revocation-revoked-at = since { $at }
revocation-because-nothing = we have no news from its authority
revocation-because-outdated = what its authority published has ended; we do not have the newest yet
revocation-because-not_fetched = we asked its authority and got no answer
revocation-because-no_path = without a trusted authority there is nobody to ask
revocation-doubt = It is not known whether their certificate was revoked. If it matters, ask the institution.
