//! Officials: found by a keyed hash of the national id, everything personal sealed.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, Work, parsed};
use crate::error::Fault;
use crate::keys::{NewKey, Sealed, Sealing};
use crate::rules::certificate::Chain;
use crate::rules::national_id::NationalId;
use crate::rules::official::{Official, Profile, Standing};
use crate::rules::{Moment, OfficialId};

impl Work {
    /// Registers an official with a fresh key. `false` when the person is registered already.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn register(
        &mut self,
        id: OfficialId,
        profile: &Profile,
        key: &NewKey,
        now: Moment,
    ) -> Result<bool, Fault> {
        let sealed = self.seal(&profile_place(id), &write_profile(profile)?)?;
        let inserted = sqlx::query(
            "INSERT INTO officials (id, person_index, profile, key_id, private_key, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(id.to_string())
        .bind(self.sealing.person_index(profile.national_id.as_str()))
        .bind(sealed.as_str())
        .bind(key.id.to_string())
        .bind(key.sealed.as_str())
        .bind(now.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Stores the certificates of an official's key.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn certify(&mut self, id: OfficialId, chain: &Chain) -> Result<(), Fault> {
        let der: Vec<String> = chain
            .der()
            .iter()
            .map(|c| data_encoding::BASE64.encode(c))
            .collect();
        let plain = serde_json::to_vec(&der).map_err(Fault::when("writing a chain"))?;
        let sealed = self.seal(&chain_place(id), &plain)?;
        sqlx::query("UPDATE officials SET chain = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(sealed.as_str())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// The official with this national id.
    ///
    /// # Errors
    /// A fault of the database, or a row that another sealing key sealed.
    pub async fn official_by_person(&self, person: &NationalId) -> Result<Option<Official>, Fault> {
        let row = sqlx::query("SELECT id, profile, key_id, chain FROM officials WHERE person_index = $1")
            .bind(self.sealing.person_index(person.as_str()))
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row, &self.sealing)).transpose()
    }

    /// The official with this identifier.
    ///
    /// # Errors
    /// As [`Store::official_by_person`].
    pub async fn official(&self, id: OfficialId) -> Result<Option<Official>, Fault> {
        let row = sqlx::query("SELECT id, profile, key_id, chain FROM officials WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row, &self.sealing)).transpose()
    }

    /// Every official, oldest first.
    ///
    /// # Errors
    /// As [`Store::official_by_person`].
    pub async fn officials(&self) -> Result<Vec<Official>, Fault> {
        let rows = sqlx::query("SELECT id, profile, key_id, chain FROM officials ORDER BY created_at, id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| read(row, &self.sealing)).collect()
    }

    /// An official's private key, as sealed.
    ///
    /// # Errors
    /// A fault of the database, or when there is no such official.
    pub async fn private_key(&self, id: OfficialId) -> Result<Sealed, Fault> {
        let row = sqlx::query("SELECT private_key FROM officials WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(&self.pool)
            .await?;
        Ok(Sealed::from_stored(row.try_get("private_key")?))
    }
}

/// A profile as it is sealed.
#[derive(Serialize, Deserialize)]
struct StoredProfile {
    national_id: String,
    given_name: String,
    family_name: String,
    institution: String,
    position: String,
}

fn write_profile(profile: &Profile) -> Result<Vec<u8>, Fault> {
    let stored = StoredProfile {
        national_id: profile.national_id.as_str().to_owned(),
        given_name: profile.given_name.clone(),
        family_name: profile.family_name.clone(),
        institution: profile.institution.clone(),
        position: profile.position.clone(),
    };
    serde_json::to_vec(&stored).map_err(Fault::when("writing a profile"))
}

fn read(row: &AnyRow, sealing: &Sealing) -> Result<Official, Fault> {
    let id: OfficialId = parsed(row, "id")?;
    let plain = sealing.open(&profile_place(id), &Sealed::from_stored(row.try_get("profile")?))?;
    let stored: StoredProfile =
        serde_json::from_slice(plain.expose()).map_err(Fault::when("reading a profile"))?;
    let profile = Profile {
        national_id: stored
            .national_id
            .parse()
            .map_err(|_| Fault::new("reading a profile's national id"))?,
        given_name: stored.given_name,
        family_name: stored.family_name,
        institution: stored.institution,
        position: stored.position,
    };
    let standing = match row.try_get::<Option<String>, _>("chain")? {
        None => Standing::Registered,
        Some(sealed) => Standing::Certified(read_chain(
            &sealing.open(&chain_place(id), &Sealed::from_stored(sealed))?,
        )?),
    };
    Ok(Official {
        id,
        profile,
        key: parsed(row, "key_id")?,
        standing,
    })
}

fn read_chain(plain: &crate::keys::Secret<Vec<u8>>) -> Result<Chain, Fault> {
    let encoded: Vec<String> =
        serde_json::from_slice(plain.expose()).map_err(Fault::when("reading a chain"))?;
    let der = encoded
        .iter()
        .map(|c| {
            data_encoding::BASE64
                .decode(c.as_bytes())
                .map_err(Fault::when("reading a chain"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Chain::from_der(der).map_err(Fault::when("reading a chain"))
}

fn profile_place(id: OfficialId) -> String {
    format!("officials.profile:{id}")
}

fn chain_place(id: OfficialId) -> String {
    format!("officials.chain:{id}")
}
