//! Why it is as it is: read beside the code, checked by rustdoc and by the tests of this module.

#[doc = include_str!("agency.md")]
pub mod agency {}

#[doc = include_str!("choices.md")]
pub mod choices {}

#[doc = include_str!("desk.md")]
pub mod desk {}

#[doc = include_str!("divergences.md")]
pub mod divergences {}

#[doc = include_str!("factors.md")]
pub mod factors {}

#[doc = include_str!("threats.md")]
pub mod threats {}

#[doc = include_str!("upstream.md")]
pub mod upstream {}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Every file under `folder`, one after the other.
    fn sources(folder: &Path) -> String {
        let mut all = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.push_str(&sources(&path));
            } else if path
                .extension()
                .is_some_and(|extension| extension == "rs" || extension == "ftl")
            {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
        all
    }

    /// Names in backticks in the last column of the table.
    fn named(threats: &str) -> Vec<&str> {
        let rows = threats.lines().filter(|line| line.starts_with("| "));
        let last = rows.filter_map(|line| line.trim_end_matches([' ', '|']).rsplit('|').next());
        last.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
    }

    #[test]
    fn every_threat_names_a_test_that_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let code = sources(&root.join("src")) + &sources(&root.join("tests"));
        let threats = include_str!("threats.md");
        assert!(named(threats).len() > 30);
        for name in named(threats) {
            assert!(code.contains(&format!("fn {name}(")), "no test {name}");
        }
        let rows = threats
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| threat"));
        for row in rows {
            assert!(!named(row).is_empty(), "no test in: {row}");
        }
    }

    #[test]
    fn the_guide_explains_messages_that_are_really_said() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let said = sources(&root.join("src")) + &sources(&root.join("messages/en"));
        let table = include_str!("agency.md")
            .split("## When it does not work")
            .nth(1)
            .unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
        let messages: Vec<&str> = rows
            .map(|row| row.split('|').nth(1).unwrap().trim().trim_matches('`'))
            .collect();
        assert!(messages.len() > 10);
        for message in messages {
            assert!(said.contains(message), "nobody says {message}");
        }
    }

    #[test]
    fn row_92_every_event_of_the_catalogue_is_recorded_somewhere() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let flows = sources(&root.join("src/flow"));
        let names = include_str!("../rules/audit/event.rs")
            .split("pub fn name(self)")
            .nth(1)
            .unwrap();
        let variants: Vec<&str> = names
            .lines()
            .map_while(|line| {
                if line.starts_with('}') {
                    None
                } else {
                    Some(line.trim())
                }
            })
            .filter_map(|line| line.strip_prefix("Self::")?.split(" =>").next())
            .collect();
        assert!(variants.len() > 15);
        for variant in variants {
            assert!(
                flows.contains(&format!("Event::{variant}")),
                "nothing records {variant}"
            );
        }
    }
}
