//! `--from FILE`: one JSON object or an array of them.

use std::{
    io::{Read as _, Write as _},
    path::Path,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Problems;

/// The objects in `file` (`-` is standard input), and whether it was one object rather than an array.
pub fn read<T: DeserializeOwned>(file: &Path) -> Result<(Vec<T>, bool), Problems> {
    let name = file.display();
    let told = |problem: String| vec![format!("{name}: {problem}")];
    let mut text = String::new();
    let bytes = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text))
    };
    bytes.map_err(|error| told(error.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| told(format!("not JSON: {error}")))?;
    let (values, one) = match value {
        Value::Array(values) => (values, false),
        one => (vec![one], true),
    };
    let mut objects = Vec::new();
    for (at, value) in values.into_iter().enumerate() {
        let object = serde_json::from_value(value)
            .map_err(|error| told(format!("object {}: {error}", at.saturating_add(1))))?;
        objects.push(object);
    }
    Ok((objects, one))
}

/// Prints one value alone, several as an array, on standard output.
pub fn print(mut values: Vec<Value>, one: bool) {
    let value = match values.pop() {
        Some(only) if one && values.is_empty() => only,
        Some(last) => {
            values.push(last);
            Value::Array(values)
        }
        None => Value::Array(values),
    };
    say(&format!("{value:#}\n"));
}

/// Writes to standard output.
pub fn say(text: &str) {
    // `idp client list | head` closes the pipe when it has enough
    let _closed = std::io::stdout().write_all(text.as_bytes());
}
