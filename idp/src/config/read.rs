//! From a file and the environment to a [`Config`].

use std::path::Path;

use super::{Config, keys};
use crate::keys::SealingKey;

impl Config {
    /// Reads a file and the environment given as pairs.
    ///
    /// # Errors
    /// One sentence that names the file or variable and what to do.
    pub fn read(file: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            format!(
                "{}: cannot be read ({error}); name it with --config",
                file.display()
            )
        })?;
        let mut table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| format!("{}: not valid TOML: {error}", file.display()))?;
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix("IDP__") {
                override_with(&mut table, &path.to_ascii_lowercase(), &value)
                    .map_err(|problem| format!("{name}: {problem}"))?;
            }
        }
        table.try_into().map_err(|error: toml::de::Error| {
            // Two lines: what is wrong, and with which key
            format!(
                "{}: {}",
                file.display(),
                error.to_string().trim().replace('\n', " ")
            )
        })
    }

    /// Reads the sealing key.
    ///
    /// # Errors
    /// One sentence that names the file and what to do.
    pub fn sealing_key(&self) -> Result<SealingKey, String> {
        keys::sealing_key(&self.sealing_key_file)
    }
}

fn override_with(table: &mut toml::Table, path: &str, value: &str) -> Result<(), &'static str> {
    let Some((section, rest)) = path.split_once("__") else {
        // A value that reads as a TOML array, number or boolean is one; anything else is a string.
        let parsed = format!("v = {value}")
            .parse::<toml::Table>()
            .ok()
            .and_then(|mut one| one.remove("v"));
        table.insert(
            path.to_owned(),
            parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())),
        );
        return Ok(());
    };
    let inner = table
        .entry(section)
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let inner = inner
        .as_table_mut()
        .ok_or("names a section that is a single value in the file")?;
    override_with(inner, rest, value)
}
#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = r#"
        issuer = "http://localhost:8080"
        listen = "127.0.0.1:8080"
        database = "sqlite:///tmp/idp.db"
        sealing_key_file = "/tmp/idp.key"
    "#;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let pairs: Vec<_> = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Config::read(file.path(), pairs.into_iter())
    }

    #[test]
    fn a_plain_file_is_read_with_defaults() {
        let config = read(VALID, &[]).unwrap();
        assert_eq!(config.programme, "Aval");
        assert_eq!(config.national_id_schemes, ["CL-RUN"]);
    }

    #[test]
    fn the_environment_wins() {
        let environment = [
            ("IDP__PROGRAMME", "Otra"),
            ("IDP__TLS__CERTIFICATE", "/c"),
            ("IDP__TLS__KEY", "/k"),
        ];
        let config = read(VALID, &environment).unwrap();
        assert_eq!(config.programme, "Otra");
        assert_eq!(config.tls.unwrap().key, Path::new("/k"));
    }

    #[test]
    fn a_list_can_come_from_the_environment() {
        let config = read(VALID, &[("IDP__NATIONAL_ID_SCHEMES", "[\"UY-CI\", \"CL-RUN\"]")]).unwrap();
        assert_eq!(config.national_id_schemes, ["UY-CI", "CL-RUN"]);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        assert!(
            read(&format!("{VALID}\nlisen = \"x\""), &[])
                .unwrap_err()
                .contains("lisen")
        );
    }
}
