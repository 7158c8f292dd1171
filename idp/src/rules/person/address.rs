//! A postal address (OpenID Connect Core §5.1.1).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Name, Refusal};

/// Where a citizen lives, as the registry writes it. The names of the fields are the claim's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Address {
    street_address: Name,
    locality: Name,
    region: Option<Name>,
    postal_code: Option<Name>,
    country: Name,
}

/// An address as somebody wrote it: unchecked.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Street, number, flat.
    street_address: String,
    /// City or commune.
    locality: String,
    /// Region, province, department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// As the country's post writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    /// The country's name.
    country: String,
}

impl Address {
    /// The whole address as on an envelope, a line each (`formatted`).
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let place = [self.postal_code.as_ref(), Some(&self.locality)];
        let place: Vec<&str> = place.into_iter().flatten().map(Name::as_str).collect();
        let lines = [
            Some(self.street_address.as_str().to_owned()),
            Some(place.join(" ")),
            self.region.as_ref().map(|region| region.as_str().to_owned()),
            Some(self.country.as_str().to_owned()),
        ];
        lines.into_iter().flatten().collect()
    }

    /// The claim `address`: its parts, and the whole.
    #[must_use]
    pub fn claim(&self) -> serde_json::Value {
        let mut claim = serde_json::json!({
            "formatted": self.lines().join("\n"),
            "street_address": self.street_address.as_str(),
            "locality": self.locality.as_str(),
            "country": self.country.as_str(),
        });
        let more = [("region", &self.region), ("postal_code", &self.postal_code)];
        if let Some(members) = claim.as_object_mut() {
            let more = more
                .into_iter()
                .filter_map(|(name, part)| Some((name, part.as_ref()?)));
            members.extend(more.map(|(name, part)| (name.to_owned(), part.as_str().into())));
        }
        claim
    }
}

impl TryFrom<Written> for Address {
    type Error = Refusal;

    fn try_from(written: Written) -> Result<Self, Refusal> {
        let part = |text: &Option<String>| text.as_deref().map(Name::parse).transpose();
        Ok(Self {
            street_address: Name::parse(&written.street_address)?,
            locality: Name::parse(&written.locality)?,
            region: part(&written.region)?,
            postal_code: part(&written.postal_code)?,
            country: Name::parse(&written.country)?,
        })
    }
}

impl From<Address> for Written {
    fn from(address: Address) -> Self {
        let text = |name: &Name| name.as_str().to_owned();
        Self {
            street_address: text(&address.street_address),
            locality: text(&address.locality),
            region: address.region.as_ref().map(text),
            postal_code: address.postal_code.as_ref().map(text),
            country: text(&address.country),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(address: serde_json::Value) -> Result<Address, serde_json::Error> {
        serde_json::from_value(address)
    }

    #[test]
    fn the_claim_holds_the_parts_and_the_whole() {
        let address = read(
            json!({ "street_address": "Av. Matta 123, depto 4", "locality": "Santiago",
            "region": "Región Metropolitana", "postal_code": "8360000", "country": "Chile" }),
        );
        assert_eq!(
            address.unwrap().claim(),
            json!({ "formatted": "Av. Matta 123, depto 4\n8360000 Santiago\nRegión Metropolitana\nChile",
                "street_address": "Av. Matta 123, depto 4", "locality": "Santiago",
                "region": "Región Metropolitana", "postal_code": "8360000", "country": "Chile" })
        );
    }

    #[test]
    fn what_a_country_does_not_have_is_left_out() {
        let address = read(
            json!({ "street_address": "8 de Octubre 2738", "locality": "Montevideo",
            "country": "Uruguay" }),
        )
        .unwrap();
        assert_eq!(address.lines(), ["8 de Octubre 2738", "Montevideo", "Uruguay"]);
        assert_eq!(address.claim().get("region"), None);
    }

    #[test]
    fn a_part_that_is_missing_empty_or_disguised_is_refused() {
        let whole = json!({ "street_address": "Av. Matta 123", "locality": "Santiago", "country": "Chile" });
        assert!(read(whole.clone()).is_ok());
        for (part, value) in [
            ("country", json!(null)),
            ("locality", json!(" ")),
            ("region", json!("a\u{202e}b")),
            ("street_address", json!("a".repeat(200))),
            ("planet", json!("Earth")),
        ] {
            let mut broken = whole.clone();
            broken[part] = value;
            assert!(read(broken).is_err(), "{part}");
        }
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let address =
            read(json!({ "street_address": "Av. Matta 123", "locality": "Santiago", "country": "Chile" }));
        let address = address.unwrap();
        assert_eq!(read(serde_json::to_value(&address).unwrap()).unwrap(), address);
    }
}
