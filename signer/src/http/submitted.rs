//! A document that somebody sends to have it looked at: as the body itself, or in a form, with its password. It is
//! written into a file without a name; only its beginning is looked at here.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::error::{Error, Fault, Refusal};
use crate::rules::filename::FileName;
use crate::rules::question::{LONGEST_PASSWORD, Password};
use crate::service::Service;

/// What was sent.
pub(super) struct Submitted {
    pub(super) file: File,
    pub(super) name: FileName,
    pub(super) password: Option<Password>,
}

/// What is being sent.
pub(super) enum Incoming {
    /// The document, and nothing else.
    Bytes(BodyDataStream),
    /// A form: `document`, and maybe `password`.
    Form(Multipart),
}

impl Incoming {
    /// By what the request says of its body.
    ///
    /// # Errors
    /// [`Refusal::BadForm`] for a form that nobody can take apart.
    pub(super) async fn of(parts: &Parts, body: Body) -> Result<Self, Refusal> {
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        if !kind.starts_with("multipart/form-data") {
            return Ok(Self::Bytes(body.into_data_stream()));
        }
        let request = Request::from_parts(parts.clone(), body);
        match Multipart::from_request(request, &()).await {
            Ok(form) => Ok(Self::Form(form)),
            Err(_) => Err(Refusal::BadForm),
        }
    }

    /// Takes it in. `None` when a form has no file in it.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] before a byte is read, if that was announced; else what [`spool`] says;
    /// [`Refusal::BadForm`] for a form with something else in it.
    pub(super) async fn read(
        &mut self,
        service: &Service,
        headers: &HeaderMap,
    ) -> Result<Option<Submitted>, Error> {
        let limit = service.config.limits.document_bytes;
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(Refusal::TooLarge(limit).into());
        }
        match self {
            Self::Bytes(stream) => Ok(Some(Submitted {
                file: spool(service, stream).await?,
                name: FileName::clean(""),
                password: None,
            })),
            Self::Form(form) => read_form(service, form).await,
        }
    }

    /// A client that is still sending must not find the connection reset before it has read the answer: what it sends
    /// is read on for a while, without keeping anything, and then the connection closes.
    pub(super) fn drain(self, response: &mut Response) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
        let reading = async move {
            match self {
                Self::Bytes(mut stream) => while let Some(Ok(_)) = stream.next().await {},
                Self::Form(mut form) => {
                    while let Ok(Some(mut field)) = form.next_field().await {
                        while let Some(Ok(_)) = field.next().await {}
                    }
                }
            }
        };
        tokio::spawn(timeout(LINGER, reading));
    }
}

async fn read_form(service: &Service, form: &mut Multipart) -> Result<Option<Submitted>, Error> {
    let (mut document, mut password) = (None, None);
    loop {
        let next = timeout(SILENCE, form.next_field()).await;
        let next = next.map_err(|_| Refusal::UploadBroken)?;
        let Some(field) = next.map_err(|_| Refusal::UploadBroken)? else {
            break;
        };
        match field.name() {
            Some("document") if document.is_none() => {
                let name = field.file_name().unwrap_or_default().to_owned();
                match spool(service, field).await {
                    Ok(file) => document = Some((file, FileName::clean(&name))),
                    // A control in which nobody chose a file is sent without a name.
                    Err(Error::Refused(Refusal::NotAPdf)) if name.is_empty() => {}
                    Err(error) => return Err(error),
                }
            }
            Some("password") if password.is_none() => password = Password::of(short(field).await?),
            _ => return Err(Refusal::BadForm.into()),
        }
    }
    Ok(document.map(|(file, name)| Submitted { file, name, password }))
}

/// A field of a few words.
async fn short(mut field: Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    loop {
        let next = timeout(SILENCE, field.next()).await;
        let Some(chunk) = next.map_err(|_| Refusal::UploadBroken)? else {
            break;
        };
        bytes.extend_from_slice(&chunk.map_err(|_| Refusal::UploadBroken)?);
        if bytes.len() > LONGEST_PASSWORD {
            return Err(Refusal::BadForm);
        }
    }
    String::from_utf8(bytes).map_err(|_| Refusal::BadForm)
}

/// Streams a body into a file without a name. Only the beginning is looked at: the verifier judges the rest.
///
/// # Errors
/// [`Refusal::NotAPdf`] as soon as the beginning shows it, [`Refusal::TooLarge`], [`Refusal::UploadBroken`], a fault.
async fn spool<E>(
    service: &Service,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<File, Error> {
    let doing = "writing an uploaded file";
    let limit = service.config.limits.document_bytes;
    let name = data_encoding::HEXLOWER.encode(&service.chance.bytes::<16>()?);
    let (mut held, mut large) = (Vec::new(), None);
    let (mut size, mut head, mut checked) = (0_u64, Vec::new(), false);
    loop {
        let next = timeout(SILENCE, body.next())
            .await
            .map_err(|_| Refusal::UploadBroken)?;
        let Some(chunk) = next else { break };
        let chunk = chunk.map_err(|_| Refusal::UploadBroken)?;
        size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if size > limit {
            return Err(Refusal::TooLarge(limit).into());
        }
        if !checked {
            head.extend(chunk.iter().take(HEAD.saturating_sub(head.len())));
            if head.len() == HEAD {
                begins_as_pdf(&head)?;
                checked = true;
            }
        }
        held.extend_from_slice(&chunk);
        if held.len() >= BUFFER {
            let (_, writer) = match &mut large {
                Some(large) => large,
                None => large.insert(on_disk(service, &name)?),
            };
            writer.write_all(&held).await.map_err(Fault::when(doing))?;
            held.clear();
        }
    }
    if !checked {
        begins_as_pdf(&head)?;
    }
    let mut file = match large {
        None => service.files.brief(&name, &held)?,
        Some((file, mut writer)) => {
            writer.write_all(&held).await.map_err(Fault::when(doing))?;
            writer.flush().await.map_err(Fault::when(doing))?;
            file
        }
    };
    file.seek(SeekFrom::Start(0)).map_err(Fault::when(doing))?;
    Ok(file)
}

/// A file without a name, and what writes to it from outside the service's threads.
fn on_disk(service: &Service, name: &str) -> Result<(File, tokio::fs::File), Fault> {
    let file = service.files.nameless(name)?;
    let writer = file
        .try_clone()
        .map_err(Fault::when("writing an uploaded file"))?;
    Ok((file, tokio::fs::File::from_std(writer)))
}

fn begins_as_pdf(head: &[u8]) -> Result<(), Refusal> {
    let signature = crate::rules::intake::SIGNATURE;
    if head.windows(signature.len()).any(|window| window == signature) {
        Ok(())
    } else {
        Err(Refusal::NotAPdf)
    }
}

/// Readers accept the header within the first kilobyte (ISO 32000-1 implementation note 13), so an older file with
/// something before it still gets its report.
const HEAD: usize = 1024;
/// Most documents fit, and never reach the disk; as many as may wait at the same time take a few MB.
const BUFFER: usize = 256 << 10;
/// A sender that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// As long as a slow sender needs to notice.
const LINGER: Duration = Duration::from_secs(30);
