//! A QR code as a drawing in the page: no image to fetch, nothing for the policy to allow.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::error::Fault;

/// `text` as SVG of black squares on white, with the quiet zone that scanners want; `label` names it for who cannot see it.
///
/// # Errors
/// A fault when the text is longer than a code holds (some two kilobytes).
pub fn svg(text: &str, label: &str) -> Result<String, Fault> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
        .map_err(|error| Fault::of("drawing a QR code", error))?;
    let width = code.width();
    let mut squares = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        let (Some(x), Some(y)) = (at.checked_rem(width), at.checked_div(width)) else {
            continue;
        };
        if color == Color::Dark {
            let (x, y) = (x.saturating_add(QUIET), y.saturating_add(QUIET));
            // Writing to a string does not fail.
            let _ = write!(squares, "M{x} {y}h1v1h-1z");
        }
    }
    let side = width.saturating_add(QUIET.saturating_mul(2));
    let label = askama::filters::escape(label, askama::filters::Html)
        .map_err(|error| Fault::of("drawing a QR code", error.to_string()))?;
    Ok(format!(
        "<svg viewBox=\"0 0 {side} {side}\" width=\"232\" height=\"232\" role=\"img\" aria-label=\"{label}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{squares}\"/></svg>"
    ))
}

/// ISO/IEC 18004 §5.3.8: four modules on each side.
const QUIET: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_its_name_and_nothing_of_the_text_as_markup() {
        let drawn = svg("otpauth://totp/Aval:1?secret=AAAA\"><script>", "a \"b\"").unwrap();
        assert!(
            drawn.starts_with("<svg ") && drawn.contains("aria-label=\"a &#34;b&#34;\""),
            "{drawn}"
        );
        assert!(!drawn.contains("script>"));
        // The three finders alone are a hundred dark squares.
        assert!(drawn.matches("h1v1h-1z").count() > 100);
    }

    #[test]
    fn more_than_a_code_holds_is_told() {
        assert!(svg(&"x".repeat(5_000), "").is_err());
    }
}
