//! Indirect objects where the cross-reference says they are (ISO 32000-2 §7.3.10).

use super::error::{Code, ReadError};
use super::lexer::Lexer;
use super::object::{Dictionary, Indirect, Object, Reference, Stream};
use super::window::Window;

/// Reads `N G obj … endobj` at an offset. `length` answers an indirect `/Length`.
pub(crate) fn indirect(
    window: &Window,
    offset: u64,
    end: u64,
    length: &mut dyn FnMut(Reference) -> Result<u64, ReadError>,
) -> Result<Indirect, ReadError> {
    enum Kind {
        Value(Object, u64),
        Stream(Dictionary, u64),
    }
    let (reference, kind) = window.parse(offset, end, |lexer| {
        let reference = lexer.object_header()?;
        let object = lexer.object()?;
        lexer.space()?;
        if let Object::Dictionary(dictionary) = object {
            if lexer.stream_start()? {
                return Ok((reference, Kind::Stream(dictionary, lexer.offset())));
            }
            return end_of_object(lexer).map(|e| (reference, Kind::Value(Object::Dictionary(dictionary), e)));
        }
        end_of_object(lexer).map(|e| (reference, Kind::Value(object, e)))
    })?;
    let (dictionary, start) = match kind {
        Kind::Value(object, behind) => {
            return Ok(Indirect {
                reference,
                object,
                extent: offset..behind,
            });
        }
        Kind::Stream(dictionary, start) => (dictionary, start),
    };
    let wrong = ReadError::new(Code::Stream, start);
    let long = match dictionary.get(b"Length") {
        Some(Object::Integer(long)) => u64::try_from(*long).map_err(|_| wrong.clone())?,
        Some(Object::Reference(at)) => length(*at)?,
        _ => return Err(wrong),
    };
    let behind = start
        .checked_add(long)
        .filter(|b| *b <= end)
        .ok_or_else(|| wrong.clone())?;
    let extent = window.parse(behind, end, |lexer| {
        lexer.blank()?;
        if !lexer.keyword(b"endstream")? {
            return Err(lexer.error(Code::Stream));
        }
        lexer.space()?;
        end_of_object(lexer).map(|e| offset..e)
    })?;
    let object = Object::Stream(Box::new(Stream {
        dictionary,
        extent: start..behind,
        owner: reference,
    }));
    Ok(Indirect {
        reference,
        object,
        extent,
    })
}

fn end_of_object(lexer: &mut Lexer<'_>) -> Result<u64, ReadError> {
    if lexer.keyword(b"endobj")? {
        Ok(lexer.offset())
    } else {
        Err(lexer.error(Code::Syntax))
    }
}
