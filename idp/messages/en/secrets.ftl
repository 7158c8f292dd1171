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
