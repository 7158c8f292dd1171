# What is seen of the document, before and now, and what changed after signing.

seen-title = What is seen, before and now
seen-since = We compared the document that { $name } signed with today's.
seen-since-timestamp = We compared the document as it was when it was sealed with today's.
seen-frame = A red frame surrounds what looks different.
seen-changed = Page { $number }: it looks different
seen-added = Page { $number }: it was not there at signing
seen-removed = Page { $number } of what was signed: it is gone
seen-moved = Page { $before } of what was signed: it is now page { $now }
seen-before = As it was signed
seen-now = As it is now
seen-alt-before = Page { $number } as it was signed
seen-alt-now = Page { $number } as it is now
seen-not-there-before = This page was not in what was signed.
seen-not-there-now = This page is no longer in the document.
seen-no-room = Too many pages look different to show them all. Open it in your reader and compare it with the original.
seen-same = All pages look as they did at signing.
seen-others =
    { $n ->
        [one] One other page looks as it did at signing.
       *[other] { $n } other pages look as they did at signing.
    }
seen-unknown = Page { $number }: we could not compare it
seen-doubt-unreadable = We could not read the document as it was before, so we did not compare what is seen.
seen-doubt-encrypted = The document is encrypted, so we did not compare what is seen.
seen-doubt-readers_disagree = Two readers see different pages in this file, so we did not compare what is seen.
seen-doubt-cannot_draw = We could not draw it.
seen-doubt-drawn_in_part = Something in it could not be drawn; the rest looks the same.
seen-doubt-no_appearance = Each reader draws in its own way what was added.
seen-doubt-too_many_pages = More pages changed than we compare. Whether the others look the same is not known.
seen-doubt-too_large = The file is too large to be drawn, so we did not compare what is seen.
seen-doubt-too_much_work = Drawing it took too much.
seen-doubt-busy = Many people are verifying at the moment. Try again in a few minutes to compare what is seen.
seen-doubt-too_much_work-all = Drawing this document took too much, so we did not compare what is seen.

changed-title = What changed after signing
changed-lead = This was saved in the file after the first signature.
changed-not-allowed = nobody signed it
changed-more = And { $n } more changes, which are in the technical report.
changed-page = Page { $number }.
changed-field = Field { $name }.
verdict-signature-technical = Technical detail of this signature

# Before signing
warning-tag = Notice
warning-decide = A notice does not keep you from signing. If you did not expect it, ask for the document again.
document-warnings = Before signing
