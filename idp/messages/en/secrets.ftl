## Password, codes and recovery codes
secrets-back = Back to my account

recovery-codes-title = Recovery codes
recovery-codes-lead = They give you access back if you lose your phone or your key.
recovery-codes-none = You have no recovery codes yet.
recovery-codes-left = { $n ->
    [0] You have used all your codes.
    [one] You have one code left.
   *[other] You have { $n } codes left.
}
recovery-codes-made = You made them { $when }.
recovery-codes-how = We will give you ten. Each works once, together with another proof that it is you.
recovery-codes-void = The codes that you have now will stop working.
recovery-codes-make = Make ten codes
recovery-codes-already = Those codes were shown before. If you did not keep them, make another ten.
recovery-codes-told-title = Keep these ten codes
recovery-codes-told-lead = We show them only this once. Print them or write them down now.
recovery-codes-of = Recovery codes of { $programme }
recovery-codes-printed = Made { $when }. Each works once.
recovery-codes-keep = Keep them on paper, in a safe place. Nobody of the service will ask you for them.
recovery-codes-saved = I have kept them

account-done-password-changed = You changed your password.
account-done-code-app-added = You added the code app.
account-done-code-app-removed = You removed the code app.

## Password
password-title = Your password
password-lead = Choose one that you can remember or that your browser keeps. A long phrase is better than a strange word.
password-new = New password
password-hint = At least { $least } characters. You may use spaces, accents and emojis.
password-show = Show the password
password-others = End my other sessions
password-save = Save password
password-empty = Enter the new password
password-short = That password is short. Enter at least { $least } characters.
password-long = The password can have up to 256 characters.
password-common = That password is on the lists that anybody tries. Choose another.
password-own = That password is your name, your number or your address. Choose another.
password-busy = Many people are here right now. Wait a few seconds and try again.

## Code apps
codes-new-title = Add a code app
codes-new-lead = It shows a code of six digits that changes every 30 seconds.
codes-scan = Open the app on your phone and scan this square.
codes-qr = QR code for your code app
codes-by-hand = Or type this key into the app:
codes-name = Name of the app
codes-name-hint = To recognise it later. For example, María's phone
codes-name-default = Code app
codes-name-empty = Enter a name for the app
codes-name-long = The name can have up to 60 characters
codes-code = Code that the app shows
codes-add = Add app
codes-wrong = That code is not the app's. Wait for the next one and enter it.
codes-stale = The page was open for a long time. Scan this new square.
codes-full-title = You have two code apps already
codes-full-lead = You can have two. Remove one to add another.
codes-remove = Remove
codes-remove-title = Remove this code app?
codes-remove-lead = The codes of “{ $name }” will no longer open your account.
codes-remove-do = Remove the app
codes-keep = Keep it
codes-last = It is your only second step. First add a passkey or another app.

## Many attempts from one network
effort = There were many attempts from your network. Wait ten seconds, enter again what is missing, and go on.
