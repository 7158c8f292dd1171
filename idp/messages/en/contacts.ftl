## Addresses for notices
contacts-title = Addresses for notices
contacts-lead = We write to all of these addresses when something changes in your account.
contacts-alone = Add another: if you lose one, the notice still arrives.
contact-first = Main
contact-first-hint = Services that may see your address get this one.
contact-first-unconfirmed = Confirm it so that they can rely on it.
contact-first-title = Confirm your main address
contact-first-lead = We will send a code to that address. Then services know that you read it.
contact-done-confirmed = You confirmed your main address.
contact-waiting = Code missing
contact-prefer = Make it the main one
contact-remove = Remove
contact-type-code = Type the code
contact-add = Add address
contact-new-title = Add an address
contact-new-lead = We will send a code to that address. It shows us that you read it.
contact-new-label = E-mail address
contact-send-code = Send code
contact-malformed = Type a whole address, such as name@mail.example.
contact-known = That address gets your notices already. Type another.
contact-too-many = You have as many addresses as one can have. Remove one before you add another.
contact-too-many-letters = We sent several codes to that address. Wait a day or type another.
contact-code-title = Type the code
contact-code-lead = We sent a code to { $address }. It is good for ten minutes.
contact-code-label = Code
contact-code-hint = Six digits. If it does not arrive, look into your spam folder.
contact-code-wrong = That code does not work, or ten minutes have passed. Check it or ask for another.
contact-confirm = Confirm address
contact-again = Ask for another code
contact-done-added = You added the address. We told the others.
contact-done-removed = You removed the address.
contact-done-preferred = You changed your main address.

## Only on a developer’s machine
dev-mail-title = Development letters
dev-mail-lead = The letters that this service would send stay here. This page exists in development only.
dev-mail-none = There are no letters yet.
