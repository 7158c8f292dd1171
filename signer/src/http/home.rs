//! The front door, help and privacy.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use sdk::look::Language;

use super::page::{Frame, HomePage, ProsePage, page};
use super::words::words;
use crate::service::Service;

pub(super) async fn home(State(service): State<Arc<Service>>, language: Language) -> Response {
    let w = words(language);
    page(
        language.tag(),
        &HomePage {
            frame: Frame::public(&service, w, &w.say("home-title"), "/"),
        },
    )
}

pub(super) async fn help(State(service): State<Arc<Service>>, language: Language) -> Response {
    prose(&service, language, "help", 4)
}

pub(super) async fn privacy(State(service): State<Arc<Service>>, language: Language) -> Response {
    prose(&service, language, "privacy", 3)
}

fn prose(service: &Service, language: Language, name: &str, parts: usize) -> Response {
    let w = words(language);
    let part = |n: usize| {
        (
            w.say(&format!("{name}-{n}-title")),
            w.say(&format!("{name}-{n}-text")),
        )
    };
    let frame = Frame::public(service, w, &w.say(&format!("{name}-title")), &format!("/{name}"));
    let lead = w.say(&format!("{name}-lead"));
    page(
        language.tag(),
        &ProsePage {
            frame,
            lead,
            parts: (1..=parts).map(part).collect(),
        },
    )
}
