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
wait-days = { $n ->
    [one] one day
   *[other] { $n } days
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
