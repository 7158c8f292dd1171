### Plain language: active voice, "you", sentences of up to twenty words, verbs on buttons.

## On every page
skip = Skip to content
error-prefix = Error:
language-other = Español
foot-help = Help
foot-privacy = Privacy
foot-accessibility = Accessibility
foot-promise = We never ask for your password by e-mail or by phone.
summary-title = Check the following
nav-account = My account
nav-logout = Sign out
asking = You are signing in to
or-other = or with your password
or-code = or with a code
cancel = Cancel
back = Back

## Sign-in
login-title = Sign in with your credential
login-lead = One credential for every public service.
login-passkey = Use my passkey
login-number-hint = For example, { $example }
login-password = Password
login-continue = Continue
login-trouble = I cannot sign in
login-or = or
login-wrong = The number or the password does not match. Check both and try again.
login-number-empty = Enter your { $label }
login-number-shape = Enter your whole { $label } with its check digit. For example, { $example }
login-number-check = The check digit does not belong to that { $label }. See whether a digit is mistyped.
login-password-empty = Enter your password
login-password-long = A password may have up to 256 characters.
login-throttled = There were many attempts in a row. Wait { $wait } and try again. Your passkey still works.
login-busy = Many people are signing in right now. Wait a few seconds and try again.
passkey-failed = Signing in with the passkey was not completed. Try again or use your password.
passkey-failed-code = The check with the passkey was not completed. Try again or use a code.
passkey-refused = We did not recognise that passkey. Use your password or try another passkey.
passkey-stale = The page was open for a long time. Try again.

## Second step
code-title = Enter your code
code-lead = Open your authenticator app and enter the six digits it shows.
code-label = Six-digit code
code-hint = It changes every 30 seconds
code-continue = Continue
code-empty = Enter the six-digit code
code-shape = The code has six digits and no letters
code-wrong = That code is wrong or was already used. Wait for the next one and enter it.
code-again = Start again

## Prove presence
presence-title = Confirm that it is you
presence-lead = { $name }, before going on we need to check that you are here.
presence-passkey = Confirm with my passkey
presence-continue = Confirm
presence-other = Sign in as another person

## Authorization
consent-title = Share this data?
consent-lead = { $agency } asks for this data. It receives it only if you allow it.
consent-facts = Data it would receive
consent-subject = Identifier
consent-subject-value = One for this service alone, which no other service knows
consent-name = Name
consent-email = E-mail
consent-offline = Later access
consent-offline-value = It may read this data also when you are away, until you withdraw access
consent-resource = Access to
consent-duration = If you share, we remember it. You can withdraw access at any time in { $account }.
consent-allow = Share
consent-deny = Do not share
consent-unclear = Choose whether to share the data.

## Connecting a device
device-title = Connect a device
device-lead = Type the code that you see on the screen of the device.
device-code = Code
device-code-hint = It has eight letters. You can type them with or without the hyphen.
device-code-shape = The code has eight letters, no vowels and no numbers. Check it on the device.
device-code-unknown = We did not find this code, or it expired. Ask the device for a new one.
device-continue = Continue
device-warning = Go on only if the device is in front of you and you asked for the code. If somebody else sent it to you, stop: it is a fraud.
device-decide-title = Do you connect this device?
device-decide-lead = The device will enter { $agency } as if it were you.
device-compare = Compare with your device
device-asked = It asked
device-which = Device
device-network = Network
device-network-other = Another than yours: { $network }
device-network-same = The same that you use now
device-allow = Connect
device-deny = Do not connect
device-done-title = Device connected
device-done-lead = Go back to your device. It will go on in a few seconds.
device-denied-title = You did not connect the device
device-denied-lead = The device got nothing. If you did not ask for it, nothing is left to do.

## My account
account-title = My account
account-hello = Hello, { $name }
account-you = About you
account-name = Name
account-email = E-mail
account-passkeys = Passkeys
account-passkeys-none = You have no passkey yet. With one you sign in without a password: fingerprint, face or device PIN.
account-passkey-add = Add a passkey
account-passkey-remove = Remove
account-passkey-rename = Rename
account-passkey-created = Created { $when }
account-passkey-used = used { $when }
account-passkey-never = not used yet
account-passkey-synced = Synced
account-passkey-bound = On this device only
account-sessions = Open sessions
account-session-this = This session
account-session-since = Opened { $when }
account-session-seen = last used { $when }
account-session-end = End
account-sessions-end-all = End all sessions
account-agencies = Services with access
account-agencies-none = No service has access to your data.
account-agency-since = Access given { $when }
account-agency-withdraw = Withdraw access
account-activity = Recent activity
account-activity-none = Nothing has happened yet.
account-activity-not-me = If you do not recognise something, end all sessions and ask for help.
account-unknown-device = Unidentified device
account-done-passkey-added = You added the passkey.
account-done-passkey-removed = You removed the passkey.
account-done-passkey-renamed = You renamed the passkey.
account-done-session-ended = You ended the session.
account-done-access-withdrawn = You withdrew access.

## Activity
activity-session-started = You signed in
activity-session-renewed = You confirmed that it was you
activity-session-ended = A session ended
activity-login-password-refused = Wrong password
activity-throttled = We paused after many attempts
activity-login-totp-refused = Wrong code
activity-login-passkey-refused = Passkey not accepted
activity-code-issued = You went to { $agency }
activity-claims-released = { $agency } received your data
activity-token-exchanged = { $agency } acted on your behalf at another agency
activity-consent-decided = You shared data with { $agency }
activity-consent-decided-refused = You did not share data with { $agency }
activity-consent-withdrawn = You withdrew access from { $agency }
activity-authenticator-added = You added a passkey
activity-authenticator-removed = You removed a passkey
activity-authenticator-suspect = A passkey may have been copied
activity-citizen-created = Your account was created

## Passkeys
passkey-new-title = Add a passkey
passkey-new-lead = You will sign in with your fingerprint, face or device PIN. Nobody can copy or guess a passkey.
passkey-new-where = It works on recent phones and computers and with USB security keys.
passkey-name = Name of the passkey
passkey-name-hint = To recognise it later. For example, María's phone
passkey-name-empty = Enter a name for the passkey
passkey-name-long = A name may have up to 60 characters
passkey-create = Create a passkey
passkey-later = Not now
passkey-no-script = To create a passkey, turn on JavaScript in your browser. Everything else works without it.
passkey-unsupported = This browser does not support passkeys. Try another one or your phone.
passkey-create-failed = The passkey was not created. You can try again.
passkey-exists = This passkey is already registered.
passkey-bad = The device gave a passkey that we cannot accept. Try another device.
passkey-rename-title = Rename the passkey
passkey-rename = Save
passkey-remove-title = Remove this passkey?
passkey-remove-lead = You will no longer be able to sign in with “{ $name }”.
passkey-remove-last = It is your only passkey. Afterwards you will sign in with password and code.
passkey-remove = Remove the passkey
passkey-keep = Keep it

## Sign-out
logout-title = Do you want to sign out?
logout-lead = This ends your session in this browser.
logout-confirm = Sign out
logout-stay = Stay here
logged-out-title = You are signed out
logged-out-lead = Your session has ended. If this device is not yours, close the browser, too.
logged-out-again = Sign in again
logged-out-unregistered = The service asked us to send you to an address that it has not registered here. We did not follow it.
logged-out-telling = We are telling the services that you used. Then you go on by yourself.
logged-out-onward = Back to the service
logged-out-frame = Sign-out notice to a service

## Errors: what happened, why, what to do
error-reference = If you ask for help, give this number: { $id }
error-home = Go to my account
error-client-unknown-title = We do not know that service
error-client-unknown-why = The service you come from is not registered here.
error-client-unknown-do = Go back to that service and tell it. Do not enter your data on pages you do not recognise.
error-client-disabled-title = That service is not enabled
error-client-disabled-why = The service you come from is registered here, but for now it may not identify people.
error-client-disabled-do = It is not a problem with you or your account. Try later or ask that service.
error-redirect-unregistered-title = The way back is not safe
error-redirect-unregistered-why = The service asked to return to an address that it has not registered.
error-redirect-unregistered-do = Go back to the service and start again. If it happens again, tell it.
error-request-malformed-title = We did not understand the request
error-request-malformed-why = The service sent a request that breaks the rules ({ $detail }).
error-request-malformed-do = Go back to the service and start again. If it happens again, tell it.
error-interaction-lost-title = This page has expired
error-interaction-lost-why = Too much time passed, you already finished, or you opened it in another browser.
error-interaction-lost-do = Go back to the service and start again. Nothing is lost.
error-request-expired-title = This link no longer works
error-request-expired-why = The service's request expired or was answered.
error-request-expired-do = Go back to the service and start again. Nothing is lost.
error-out-of-turn-title = That step is over
error-out-of-turn-why = You went on in another tab or repeated a step.
error-out-of-turn-do = Go back to the service and start again.
error-throttled-title = There were many attempts
error-throttled-why = To protect your account, we pause for a while.
error-throttled-do = Wait { $wait } and try again.
error-too-many-title = Too many requests come from your network
error-too-many-why = Many people or another program use this service from the same connection right now.
error-too-many-do = Wait { $wait } and try again. Your account is fine.
error-busy-title = Many people are signing in
error-busy-why = The service is at its limit right now.
error-busy-do = Wait a few seconds and reload the page.
error-forged-title = We could not check your request
error-forged-why = The form expired or came from another site.
error-forged-do = Go back, reload the page and try again.
error-not-found-title = There is no such page
error-not-found-why = The address changed or has a mistake.
error-not-found-do = Check the address or start from your account.
error-method-not-allowed-title = That page does not work that way
error-method-not-allowed-why = The address exists, but not for what you tried.
error-method-not-allowed-do = Start from your account.
error-not-allowed-title = You cannot do that yet
error-not-allowed-why = You need to confirm that it is you.
error-not-allowed-do = Go back to your account and try again.
error-too-large-title = You sent too much
error-too-large-why = The form is larger than we accept.
error-too-large-do = Go back and send less.
error-account-closed-title = Your account is closed
error-account-closed-why = We made sure that it is you. This account was closed to protect you, or on a notice of the civil registry.
error-account-closed-do = Go to an office with your document to have it opened again.
error-fault-title = We have a problem
error-fault-why = Something failed on our side. It is not your fault and nothing is lost.
error-fault-do = Wait a moment and try again.

## Help
help-title = I cannot sign in
help-lead = Find what happened to you.
help-number-title = My number is not accepted
help-number = Enter it with its check digit. Dots, dashes and spaces make no difference.
help-password-title = I forgot my password
help-password = If you have a passkey, sign in with it. If not, go to an office with your document.
help-code-title = The code does not work
help-code = Each code works once and lasts 30 seconds. Make sure your phone sets its clock automatically.
help-passkey-title = My passkey does not appear
help-passkey = Use the phone or computer where you created it, or the account where you keep it.
help-throttle-title = I am asked to wait
help-throttle = There were many attempts with your number. The pause protects your account and ends by itself.
help-fraud-title = Somebody asked me for my data
help-fraud = We never ask for your password or code. If you gave them away, sign in and end all sessions.

## Privacy
privacy-title = Privacy
privacy-lead = We keep the least needed for you to sign in and to know who used your data.
privacy-what-title = What we keep
privacy-what = Your number, name and e-mail, encrypted. Your password, in a form that nobody can read.
privacy-share-title = What we share
privacy-share = Only what you allow each service. Each one knows you by a different identifier.
privacy-log-title = What we record
privacy-log = Every sign-in and every change to your account. You see them in My account.
privacy-cookies-title = What your browser keeps
privacy-cookies = A session mark and your language. There is no advertising and no third-party measurement.
privacy-rights-title = What you can do
privacy-rights = Withdraw a service's access, end sessions and remove passkeys at any time.

## Accessibility
accessibility-title = Accessibility
accessibility-lead = These pages must work for everybody.
accessibility-what-title = How we make them
accessibility-what = They work with a keyboard and a screen reader, and stay legible at 400% zoom. They work without JavaScript, except for passkeys.
accessibility-goal-title = Which standard we follow
accessibility-goal = We aim for WCAG 2.2 level AA.
accessibility-tell-title = If something is hard to use
accessibility-tell = Tell the office or the help line of your institution. We will correct it.

## Time
when-now = just now
when-minutes = { $n ->
    [one] a minute ago
   *[other] { $n } minutes ago
 }
when-hours = { $n ->
    [one] an hour ago
   *[other] { $n } hours ago
 }
wait-minutes = { $n ->
    [one] a minute
   *[other] { $n } minutes
 }
wait-hours = { $n ->
    [one] an hour
   *[other] { $n } hours
 }
when-date = on { $day } { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

form-post-title = Back to the service
form-post-lead = We are taking the answer to the service that sent you. If nothing happens, use the button.
form-post-continue = Continue

create-title = No credential yet?
create-lead = It is handed out in person, with your identity document, at the offices of the civil registry. Bring your e-mail address: it is noted there.
create-then = Once you have it, log in here with it.

consent-details = You also allow it to
