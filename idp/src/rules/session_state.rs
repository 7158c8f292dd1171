//! OpenID Connect Session Management 1.0: what an agency is given to ask, without a request, whether the session goes on.

use url::Url;

use super::secret::Digest;

/// `session_state` (§3.2): a digest over client, origin and the browser's state, and the salt that is in it. The script
/// of the frame (`assets/session.js`) computes the same. `None` when the answer goes to an address without an origin (an
/// app's own scheme), which has no frames to ask in.
#[must_use]
pub fn session_state(
    client: &str,
    redirect_uri: &str,
    browser_state: &str,
    salt: [u8; 16],
) -> Option<String> {
    let origin = Url::parse(redirect_uri).ok()?.origin();
    if !origin.is_tuple() {
        return None;
    }
    let origin = origin.ascii_serialization();
    let salt = data_encoding::BASE64URL_NOPAD.encode(&salt);
    let digest = Digest::of(format!("{client} {origin} {browser_state} {salt}").as_bytes());
    Some(format!("{}.{salt}", digest.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "https://agency.example/cb?x=1";

    #[test]
    fn another_client_origin_browser_or_salt_is_another_state() {
        let state = session_state("a", URI, "s", [1; 16]).unwrap();
        assert_eq!(
            session_state("a", "https://agency.example/other", "s", [1; 16]).unwrap(),
            state
        );
        for other in [
            session_state("b", URI, "s", [1; 16]),
            session_state("a", "https://agency.example:8443/cb", "s", [1; 16]),
            session_state("a", URI, "t", [1; 16]),
            session_state("a", URI, "s", [2; 16]),
        ] {
            assert_ne!(other.unwrap(), state);
        }
    }

    #[test]
    fn it_is_one_word_with_its_salt_at_the_end() {
        let state = session_state("a", URI, "s", [0; 16]).unwrap();
        assert_eq!(state.split_once('.').unwrap().1, "AAAAAAAAAAAAAAAAAAAAAA");
        assert!(!state.contains(' '));
    }

    #[test]
    fn an_app_has_no_frames() {
        assert_eq!(session_state("a", "cl.agency.app:/cb", "s", [0; 16]), None);
    }
}
