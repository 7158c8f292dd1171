## Help
help-title = Help to sign in
help-lead = Find what happened to you.
help-number-title = My number is not accepted
help-number = Enter it with its check digit. Dots, dashes and spaces make no difference.
help-password-title = I forgot my password
help-password = If you have a passkey, sign in with it. If not, choose “I cannot sign in” and recover your account.
help-code-title = The code does not work
help-code = Each code works once and lasts 30 seconds. Make sure your phone sets its clock automatically.
help-passkey-title = My passkey does not appear
help-passkey = Use the phone or computer where you created it, or the account where you keep it.
help-throttle-title = I am asked to wait
help-throttle = There were many attempts with your number. The pause protects your account and ends by itself.
help-fraud-title = Somebody asked me for my data
help-fraud = We never ask for your password or code. If you gave them away, lock your account from “I cannot sign in”.

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
