//! Who stands at the door: a browser, and perhaps a live session in it.

use super::{audit::Record, secret::Opaque, session::Session, time::Seconds};

/// What a request tells about its browser.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The browser's own cookie; interactions are bound to it. `None` on the first visit.
    pub browser: Option<Opaque>,
    /// The live session of this browser.
    pub session: Option<Session>,
    /// How a citizen may recognise the browser ("Firefox, Linux").
    pub device: String,
    /// The network that it asks from, as coarse as [`super::device::network`] tells it; `None` where nobody knows.
    pub network: Option<String>,
}

impl Visitor {
    /// The record also tells from which browser and network, as far as the citizen would recognise them: neither is an
    /// address.
    #[must_use]
    pub fn place(&self, record: Record) -> Record {
        let record = match self.device.as_str() {
            "" => record,
            device => record.with("device", device),
        };
        match &self.network {
            Some(network) => record.with("network", network),
            None => record,
        }
    }
}

/// Whether a citizen has logged in with a browser before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// They have.
    Known,
    /// With no browser at all.
    First,
    /// With others, not with this one.
    New,
}

/// A short name for a browser from its `User-Agent`: for the citizen's eyes only, never for a decision.
#[must_use]
pub fn device_name(user_agent: &str) -> String {
    let first = |names: &[(&str, &str)]| {
        names
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| (*name).to_owned())
    };
    // Order matters: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Half a year: long enough that the citizen's own device is known when somebody guesses at the account.
pub const BROWSER_LIFETIME: Seconds = Seconds(180 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_by_its_own_mark() {
        let chrome = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
        assert_eq!(device_name(chrome), "Chrome, Android");
        assert_eq!(device_name("curl/8.0"), "");
    }
}
