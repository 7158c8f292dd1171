## Authorization
consent-title = Share this data?
consent-lead = { $agency } asks for this data. It receives it only if you allow it.
consent-facts = Data it would receive
consent-subject = Identifier
consent-subject-value = One for this service alone, which no other service knows
consent-name = Name
consent-email = E-mail
consent-phone = Telephone
consent-address = Home address
consent-unknown = Not on record yet
consent-offline = Later access
consent-offline-value = It may read this data also when you are away, until you withdraw access
consent-resource = Access to
consent-duration = If you share, we remember it. You can withdraw access at any time in { $account }.
consent-allow = Share
consent-deny = Do not share
consent-unclear = Choose whether to share the data.
