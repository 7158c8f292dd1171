//! Two revisions of a document drawn and compared. Done in a cell ([`crate::cells`]): a hostile file costs one process,
//! and what could not be compared is said to be unknown.

use sdk_document::Source;

use crate::render::LARGEST_DOCUMENT;
use crate::rules::seen::{Doubt, Finding, PageSeen, Picture, Seen};

/// The revision with this number beside the newest one. Pages are compared until it is `enough`.
pub fn compare(document: &impl Source, revision: usize, enough: impl Fn() -> bool) -> Seen {
    let bytes = match whole(document) {
        Ok(bytes) => bytes,
        Err(doubt) => return Seen::unknown(doubt),
    };
    let limits = sdk_seen::Limits::default();
    let comparison = match sdk_seen::Comparison::new(bytes.into(), revision, &limits) {
        Ok(comparison) => comparison,
        Err(reason) => return Seen::unknown(reason.into()),
    };
    let mut room = LARGEST_PICTURES;
    let pages = comparison.pairs().iter().map(|pair| PageSeen {
        before: pair.before,
        now: pair.now,
        finding: if enough() {
            Finding::Unknown {
                doubt: Doubt::TooMuchWork,
            }
        } else {
            found(comparison.look(pair), &mut room)
        },
    });
    Seen {
        untouched: comparison.untouched(),
        pages: pages.collect(),
        doubt: (!comparison.beyond().is_empty()).then_some(Doubt::TooManyPages),
    }
}

/// Pages on which a field or an annotation covers something. A document that is too large to be drawn gives none.
pub fn covered(document: &impl Source) -> Vec<usize> {
    whole(document).map_or_else(
        |_| Vec::new(),
        |bytes| sdk_seen::covered(bytes.into(), &sdk_seen::Limits::default()),
    )
}

fn whole(document: &impl Source) -> Result<Vec<u8>, Doubt> {
    if document.len() > LARGEST_DOCUMENT {
        return Err(Doubt::TooLarge);
    }
    let mut bytes = vec![0; usize::try_from(document.len()).unwrap_or(0)];
    match document.read_at(0, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(Doubt::Unreadable),
    }
}

/// A page that finds no room for its pictures is named without them.
fn found(finding: sdk_seen::Finding, room: &mut usize) -> Finding {
    match finding {
        sdk_seen::Finding::Alike => Finding::Alike,
        sdk_seen::Finding::Unknown(doubt) => Finding::Unknown { doubt: doubt.into() },
        sdk_seen::Finding::Different(pictures) => {
            let bytes = [&pictures.before, &pictures.now].into_iter().flatten();
            let weight = bytes.fold(0_usize, |sum, png| sum.saturating_add(png.len()));
            let left = room.checked_sub(weight);
            *room = left.unwrap_or(*room);
            let shown = |png: Option<Vec<u8>>| png.filter(|_| left.is_some()).as_deref().map(Picture::of);
            Finding::Different {
                areas: pictures.areas,
                picture_before: shown(pictures.before),
                picture_now: shown(pictures.now),
            }
        }
    }
}

/// Pictures of all pages together, as bytes. They travel inside the page that shows them, a third longer: some
/// seconds on a slow phone, a dozen pages of text.
const LARGEST_PICTURES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_without_room_are_left_out_and_the_page_still_differs() {
        let pictures = |size: usize| {
            sdk_seen::Finding::Different(sdk_seen::Pictures {
                before: None,
                now: Some(vec![0; size]),
                areas: 1,
            })
        };
        let mut room = 10;
        let shown = |finding: &Finding| {
            matches!(
                finding,
                Finding::Different {
                    picture_now: Some(_),
                    areas: 1,
                    ..
                }
            )
        };
        assert!(shown(&found(pictures(8), &mut room)));
        let second = found(pictures(8), &mut room);
        assert!(!shown(&second) && matches!(second, Finding::Different { areas: 1, .. }));
        assert_eq!(room, 2);
    }

    #[test]
    fn what_is_no_pdf_is_unknown() {
        let seen = compare(&sdk_document::Bytes::new(*b"x"), 0, || false);
        assert_eq!(seen, Seen::unknown(Doubt::Unreadable));
    }
}
