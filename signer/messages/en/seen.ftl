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
change-action = An action was added that the document runs by itself.
change-annotation_added = An annotation was added.
change-annotation_changed = An annotation was changed.
change-annotation_removed = An annotation was removed.
change-annotations_shared = Several pages now share a list of annotations.
change-catalog = The general structure of the document was changed.
change-catalog_exchanged = The document was exchanged for another inside the same file.
change-covering_widget = A later signature covers much of the page.
change-document_timestamp = A timestamp was added.
change-dss = Evidence to preserve the signature was added.
change-encryption = The encryption was changed.
change-evidence_removed = Evidence that the signature had was removed.
change-extensions = An extension of the format was declared.
change-field = A form field was changed beyond filling it in.
change-field_group = A group of fields was added.
change-fields_removed = Form fields were removed.
change-file_identifier = The identifier of the file was changed.
change-font = A typeface was changed: the text may read differently.
change-form = The form was changed.
change-form_content = A drawing was changed.
change-form_fill = A field was filled in.
change-form_overwrite = What a field said was replaced.
change-hybrid_update = Some readers show the change and others do not.
change-image = An image was changed.
change-layer = A layer was changed.
change-metadata = The data about the document were changed.
change-new_field = A field was added to the form.
change-object_added = Content was added.
change-object_outside_revision = Content that was hidden in the file was brought to light.
change-object_removed = Content was removed.
change-object_replaced = Content was replaced.
change-object_stream = A group of contents was replaced.
change-object_unreadable = Content was added that cannot be read.
change-object_was_awaited = Something that was left open at signing was filled.
change-page = The page was changed.
change-page_content = The content was changed.
change-page_tree = Pages were added, removed or changed.
change-signature = Another signature was added.
change-signature_field = A place to sign was added.
change-signature_replaced = A signature was replaced.
change-signature_reused = A signature was used in another place.
change-unexplained_bytes = Data were added that nothing explains.
change-unsigned_appearance = Something was added that looks like a signature and is none.
change-unused_object = Data were added that are not shown.
change-version = The version of the format was changed.
change-visible_signature = Another signature was added, visible on the page.
problem-form_overwritten = What a form field showed was replaced after signing.
verdict-signature-technical = Technical detail of this signature

# Before signing
warning-tag = Notice
warning-decide = A notice does not keep you from signing. If you did not expect it, ask for the document again.
document-warnings = Before signing
