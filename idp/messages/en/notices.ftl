## In every notice by mail
notice-greeting = Hello, { $name }:
notice-moment = { $day } { $month } { $year }, { $time } (universal time)
notice-when = When: { $when }
notice-yours = If this was you, there is nothing to do.
notice-not-yours = If it was not you, open this link. It locks your account until you recover it.
notice-press = It wasn’t me: lock my account
notice-ignore = If you did not ask for it, do nothing: without the code nothing changes.
notice-promise = { $programme } never asks for your password or your codes by mail.

## Each notice: its subject and what happened
notice-authenticator-added-subject = You added a way to sign in
notice-authenticator-added-text = From now on, “{ $name }” opens your account.
notice-authenticator-removed-subject = You removed a way to sign in
notice-authenticator-removed-text = “{ $name }” does not open your account any more.
notice-password-changed-subject = Your password changed
notice-password-changed-text = Your account has a new password.
notice-recovery-codes-renewed-subject = You have new recovery codes
notice-recovery-codes-renewed-text = The recovery codes from before do not work any more.
notice-new-device-subject = Sign-in from a new device
notice-new-device-text = Somebody logged in to your account from a device that we did not know. Device: { $device ->
    [unknown] unknown
   *[other] { $device }
 }. Network: { $network ->
    [unknown] unknown
   *[other] { $network }
 }. Went to: { $agency ->
    [unknown] your account
   *[other] { $agency }
 }.
notice-counter-regressed-subject = Check one of your passkeys
notice-counter-regressed-text = The passkey “{ $name }” answered as if there were a copy of it. Remove it and add another.
notice-account-activated-subject = Your account is active
notice-account-activated-text = Somebody activated your account with a code that was handed out in person.
notice-account-closed-subject = You closed your account
notice-account-closed-text = Your account is closed. To open it again, go to the civil registry.
notice-contact-asked-subject = Your code: { $code }
notice-contact-asked-text = Type { $code } on the page of your account. Then this address gets your notices. The code is good for ten minutes.
notice-contact-added-subject = You added an address for notices
notice-contact-added-text = From now on, your notices also go to { $address }.
notice-contact-removed-subject = You removed an address for notices
notice-contact-removed-text = Your notices do not go to { $address } any more.
notice-contact-preferred-subject = Your main address changed
notice-contact-preferred-text = Your main address is now { $address }. Services with permission get that one.
