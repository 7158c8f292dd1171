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
