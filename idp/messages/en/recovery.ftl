## Trouble signing in
recover-title = What happened?
recover-lead = Choose what comes closest. We tell you what you need and how long it takes.
recover-stolen = I was robbed, or somebody uses my account
recover-stolen-do = Lock your account now. You can recover it in peace later.
recover-block = Lock my account
recover-phone = I lost my phone or changed it
recover-phone-do = You need a recovery code and your password. Two different codes work, too.
recover-password = I forgot my password
recover-password-do = You need a recovery code and the code of your app. Two different codes work, too.
recover-begin = Recover my account
recover-how = How it works
recover-how-code = You show a code: one that you saved, or one that we send to your e-mail.
recover-how-second = You show a second thing: the other code, your password or the code of your app.
recover-how-wait = You wait { $wait }. We write to all your addresses, in case it is not you.
recover-how-new = You come back and set up a new way to sign in.
recover-visit = If you do not have two of these, go to an office with your document. There is no wait.
recover-resume-link = I have begun and want to go on
recover-office = I was given a code at an office
recover-other = I have another problem
recover-begin-title = Recover your account
recover-begin-lead = Enter your number. You go on even without an account, so that everybody's privacy is kept.
recover-continue = Continue

## Showing codes
recover-code-title = Show a recovery code
recover-code-lead = It can be one that you saved, or one that we send to your e-mail.
recover-either = Enter the code
recover-saved = With a code that you saved
recover-issued = With a code that we send to your e-mail
recover-code = Recovery code
recover-code-hint = Capitals, hyphens and spaces make no difference.
recover-code-shape = That code is not complete. It has 8 characters in the e-mail, or 24 on your sheet of codes.
recover-code-wrong = That code is wrong or was already used. Check it, or ask for another by e-mail.
recover-password-wrong = The password is wrong. Check it and try again.
recover-ask-hint = The code goes to the addresses of your account and is good for 24 hours.
recover-ask = Send a code to my e-mail
recover-sent = If that number has an account, we sent a code to its addresses. It may take a minute.
recover-too-soon = You asked for a code a moment ago. Wait 30 seconds and ask for another.
recover-right = The code is right. One more thing is needed.
recover-second-title = Show a second thing
recover-second-after-saved = You have shown a saved code. Now show something else.
recover-second-after-issued = You have shown the code from your e-mail. Now show something else.
recover-second-frozen = Your account is locked. That is why only the other recovery code works, or a visit.
recover-by-password = With your password
recover-continue-password = Continue with the password
recover-by-app = With your authenticator app
recover-continue-app = Continue with the code
recover-give-up = Leave the recovery

## The wait
recover-wait-title = You have shown what is needed
recover-wait-lead = You can set up a new way to sign in in { $wait }.
recover-wait-later = How you come back
recover-wait-here = In this browser, open this page again.
recover-wait-elsewhere = On another device, choose “I have begun and want to go on” and enter this code.
recover-wait-keep = Write it down now. We do not send it by e-mail and do not ask for it by phone.
recover-wait-why = The wait protects you. If somebody pretends to be you, you can stop it from your e-mail.
recover-ready-title = Set up a new way to sign in
recover-ready-lead = The wait is over. Now you set up a passkey, or a password with codes.
recover-ready-replaces = When you finish, the old ways stop working and every session ends.
recover-ready-continue = Continue
recover-resume-title = Go on with your recovery
recover-resume-lead = Enter the code that you saw on the page of the wait.
recover-resume-code = Code to go on
recover-resume-hint = It has 24 characters. Capitals, hyphens and spaces make no difference.
recover-resume-wrong = That code is wrong, or the recovery is over. Check it or begin again.

## Locking
block-title = Lock your account
block-lead = Enter your number and one more thing: your password, or a code that you saved.
block-or = or
block-code = Saved recovery code
block-code-hint = One of the ten on your sheet of codes
block-empty = Enter your password, or a recovery code
block-wrong = The number does not match the password or the code. Check them and try again.
block-what = Every session ends and nobody signs in any more, not even with the right password.
blocked-title = The account is locked
blocked-lead = We ended every session. Nobody can sign in, not even with the right password.
blocked-recover = When you can, recover your account with two codes, or go to an office with your document.
stopped-title = We stopped the recovery
stopped-lead = Your account is as it was. If it happens again, lock it from another notice or change your password.
stale-title = This link does not work any more
stale-lead = It works once and ends after fourteen days. If you need to lock your account, choose here.
not-me-title = Was it not you?
not-me-lead = Lock your account and nobody else can use it.
not-me-recovery = Somebody wants to recover your account. If it is not you, stop it now.
not-me-stop-lead = The recovery ends and your account stays as it is.
not-me-stop = Stop the recovery
not-me-after = To sign in again, you recover your account with two codes or go to an office.
not-me-me = If it was you, close this page. Opening the link changes nothing.

## Notices by mail
notice-recovery-yours = If it was you, go on with your recovery.
notice-recovery-not-yours = If it was not you, open this link. It stops the recovery, or locks your account.
notice-recovery-press = It was not me: stop the recovery
notice-frozen-yours = If it was you, you can recover it when you like.
notice-frozen-not-yours = If it was not you, recover it with this link or go to an office with your document.
notice-frozen-press = Recover my account
notice-recovery-code-subject = Code to recover your account
notice-recovery-code-text = Your code is { $code }. It works once and for 24 hours. Give it to nobody.
notice-recovery-waiting-subject = Somebody is recovering your account
notice-recovery-waiting-text = Somebody showed codes to recover your account. After a wait of { $hours } h they can set up a new way to sign in.
notice-recovery-ready-subject = Your account can be recovered now
notice-recovery-ready-text = The wait is over. Whoever began the recovery can set up a new way to sign in.
notice-account-recovered-subject = You recovered your account
notice-account-recovered-text = Your account has new ways to sign in. The old ones do not work any more and every session ended.
notice-account-frozen-subject = Your account is locked
notice-account-frozen-text = Every session ended and nobody can sign in to your account.
notice-recovery-offered-subject = Go on with the recovery of your account
notice-recovery-offered-text = The help desk began the recovery that you asked for. On the page “I cannot sign in”, choose to go on and enter this code: { $code }

## In the account
account-recovery = Somebody is recovering your account
account-recovery-left = If it is not you, stop it. They still have to wait { $wait }.
account-done-recovery-stopped = You stopped the recovery.
account-freeze = It was not me: lock my account
