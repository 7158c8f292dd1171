## Other ways to sign in
login-other = Use another method
methods-title = Choose how to go on
methods-lead = These are the ways to go on from here.
methods-use = Use
methods-passkey = Passkey
methods-passkey-hint = With your fingerprint, face, device PIN or phone
methods-password = Password
methods-password-hint = With your number and then a second step
methods-code = Six-digit code
methods-code-hint = Your authenticator app shows it
methods-key = Key that was never used
methods-key-used = Key used { $when }
methods-restart = Start again with another method
methods-none = I no longer have any of these

## Second step with a key
key-title = Use your key
key-lead = Plug in or hold your security key close, and touch it when it blinks.
key-hardware-lead = This service asks for a security key. Plug it in or hold it close, and touch it when it blinks.
key-no-script = To use your key, turn on JavaScript in your browser.
key-failed = The check with the key was not completed. Try again or use another method.

## A level is missing
unmet-title = This service asks for more security
unmet-hardware = { $agency } asks you to sign in with an authorised security key. You do not have one yet.
unmet-hardware-do = If you have it at hand, add it now. If not, go back and ask your institution for one.
unmet-second = { $agency } asks for a second step. Your account has only a password.
unmet-second-do = Add a passkey now. It takes less than a minute.
unmet-added = You can go on. We will ask for what you added.
unmet-add-hardware = Add a security key
unmet-add = Add a passkey
unmet-go-on = Continue
unmet-back = Back to { $agency }

## The passkey did not work
trouble-link = See other ways
trouble-title = Your passkey did not work
trouble-lead = You can go on in another way. Your account is fine.
trouble-again = Try again
trouble-again-hint = Unlock the device and accept when it asks for your finger, face or PIN.
trouble-again-do = Try again
trouble-device = Use the passkey of another device
trouble-device-hint = Choose “Another device” when the browser offers it. Scan the code that it shows with your phone.
trouble-other = Sign in with another method
trouble-other-hint = Your password with a code, or another key that you added.
trouble-other-do = Choose another method
trouble-lost = You lost the device with the passkey
trouble-lost-hint = Recover your account, or lock it if the device was stolen.
trouble-lost-do = Recover my account
