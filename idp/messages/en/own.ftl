## More of my account
own-title = Your rights
own-looks = See who looked at your data
own-codes = Recovery codes: { $n ->
    [one] one left
   *[other] { $n } left
 }
own-data = Download your data
own-close = Close your account

## Who looked at my data
looks-title = Who looked at your data
looks-lead = Here you see which service got your data, and which official opened your record.
looks-none = Nobody has looked at your data yet.
looks-only-that = learned that it was you
looks-registrar = Civil registry
looks-help-desk = Help desk
looks-auditor = Audit
looks-official = An official
looks-because-asked = because you asked for help
looks-because-lost-access = because you lost access
looks-because-suspected-fraud = because of suspected fraud
looks-because-correction = to correct a datum
looks-because-order = by order of an authority
looks-because-other = opened your record

## Download my data
data-title = Download your data
data-lead = The file holds everything that we keep about you and what happened in your account.
data-care = Keep it where only you read it. Your passwords and codes are not in it.
data-send = Download file

## Close my account
close-title = Do you close your account?
close-lead = From then on nobody signs in with it, nor do you.
close-sessions = All your sessions end, on every device.
close-agencies = Services lose access to your data.
close-kept = The law asks us to keep the record of what happened. Nothing else is used any more.
close-again = To open it again, go to the civil registry with your identity document.
close-do = Close my account
close-keep = Keep my account

## Officials
account-official = Your work in the programme
account-official-lead = You hold a role in this service.
account-official-go = Go to your work pages
staff-key-title = Add your security key
staff-key-lead = The work pages ask for a security key that the programme approved.
staff-key-do = Add it to your account and come back. If you do not have one yet, ask your manager.
staff-key-add = Add security key
