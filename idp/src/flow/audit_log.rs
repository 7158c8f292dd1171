//! The audit log as a whole: searched, taken away in a file, walked, and signed at its end. What officials do with it
//! is in it.

use sdk_jose::{Expected, Typ};

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Entry, Event, Outcome, Record},
        checkpoint::{Broken, Checkpoint, Head, TYP},
        client::SIGNING,
        ids::CitizenId,
        national_id::NationalId,
        refusal::Refusal,
        staff::{Action, Official, Reason, Reference},
        time::Timestamp,
    },
    service::Idp,
    store::{self, audit::Asked},
};

use super::staff::done;

/// Records that an auditor asks for, the newest first. Whose they are is asked with a reason, which the citizen reads.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number; [`Refusal::NotStaff`].
pub async fn search(
    idp: &Idp,
    official: &Official,
    subject: Option<(&NationalId, Reason, &Reference)>,
    mut asked: Asked,
) -> Result<Vec<Entry>, Error> {
    let permit = official.permit(Action::SearchAudit)?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let record = done(Event::AuditSearched, &permit).with("event", asked.event.as_str());
    store::audit::append(&mut write, &record, now).await?;
    if let Some((national_id, reason, reference)) = subject {
        let found = store::citizens::find(&mut write, &idp.derived.index, national_id).await?;
        let (citizen, _): (CitizenId, _) = found.ok_or(Refusal::NotFound)?;
        let record = done(Event::RecordRead, &permit)
            .citizen(&citizen)
            .with("reason", reason.name())
            .with("reference", reference.as_str());
        store::audit::append(&mut write, &record, now).await?;
        asked.citizen = Some(citizen);
    }
    // Durable before anything is shown.
    write.commit().await?;
    let mut read = idp.store.read().await?;
    Ok(store::audit::search(&mut read, &asked, SHOWN).await?)
}

/// Walks the chain for an auditor, and says what came of it.
///
/// # Errors
/// [`Refusal::NotStaff`]; a fault of the database.
pub async fn verify_for(idp: &Idp, official: &Official) -> Result<Result<Head, Broken>, Error> {
    let permit = official.permit(Action::VerifyAudit)?;
    let walked = verify(idp, None).await?;
    let mut record = done(Event::AuditVerified, &permit);
    if walked.is_err() {
        record.outcome = Outcome::Refused("broken");
    }
    super::audit::record(idp, &record).await?;
    Ok(walked)
}

/// Walks the chain from its beginning, and compares it with a checkpoint that was published.
///
/// # Errors
/// A fault of the database, or when what is given is no checkpoint of ours.
pub async fn verify(idp: &Idp, published: Option<&str>) -> Result<Result<Head, Broken>, Fault> {
    let seen = published.map(|text| recognise(idp, text)).transpose()?;
    let mut read = idp.store.read().await?;
    let walked = store::audit::walk(&mut read).await?;
    let (Ok(head), Some(seen)) = (walked, &seen) else {
        return Ok(walked);
    };
    if head.seq < seen.seq {
        return Ok(Err(Broken::CutBefore(head.seq.saturating_add(1))));
    }
    let there = store::audit::hash_of(&mut read, seen.seq).await?;
    Ok(match there {
        Some(hash) if hash == seen.hash => Ok(head),
        None if seen.seq == 0 => Ok(head),
        Some(_) | None => Err(Broken::NotAsSeen(seen.seq)),
    })
}

/// Signs the end of the chain. The record of that is the next one.
///
/// # Errors
/// A fault when no key signs, or of the database.
pub async fn checkpoint(idp: &Idp) -> Result<String, Fault> {
    let now = idp.now();
    let mut read = idp.store.read().await?;
    let head = store::audit::head(&mut read).await?;
    drop(read);
    let claims = head.checkpoint(idp.config.issuer.as_str(), now);
    let key = SIGNING
        .iter()
        .find_map(|algorithm| idp.signing.signer(*algorithm, now))
        .ok_or(Fault::plain("no key signs"))?;
    let signed = key.token(TYP, &claims).await?;
    let record = Record::new(Event::AuditCheckpointed, Outcome::Done).with("seq", head.seq.to_string());
    super::audit::record(idp, &record).await?;
    Ok(signed)
}

/// The right to take the records between two moments away, written down.
///
/// # Errors
/// [`Refusal::NotStaff`]; a fault of the database.
pub async fn export_for(
    idp: &Idp,
    official: &Official,
    (since, until): (Timestamp, Timestamp),
) -> Result<(), Error> {
    let permit = official.permit(Action::ExportAudit)?;
    let record = done(Event::AuditExported, &permit)
        .with("since", since.0.to_string())
        .with("until", until.0.to_string());
    Ok(super::audit::record(idp, &record).await?)
}

/// The next lines of an export, each with its end of line, and where to go on; nothing left: `None`.
///
/// # Errors
/// A fault of the database.
pub async fn lines(
    idp: &Idp,
    (since, until): (Timestamp, Timestamp),
    after: i64,
) -> Result<Option<(String, i64)>, Fault> {
    let mut read = idp.store.read().await?;
    let page = store::audit::page(&mut read, (since, until), after).await?;
    let Some((last, _)) = page.last() else {
        return Ok(None);
    };
    let seq = last.seq;
    let mut text = String::new();
    for (entry, hash) in &page {
        text.push_str(&entry.line(hash));
        text.push('\n');
    }
    Ok(Some((text, seq)))
}

fn recognise(idp: &Idp, text: &str) -> Result<Checkpoint, Fault> {
    let expected = Expected {
        algorithms: &SIGNING,
        typ: Typ::Required(TYP),
    };
    let read = |text: &str| {
        let checkpoint: Checkpoint = idp.signing.recognise(text, &expected)?.claims().ok()?;
        (checkpoint.iss == idp.config.issuer.as_str()).then_some(checkpoint)
    };
    read(text.trim()).ok_or(Fault::plain("this is no checkpoint that we signed"))
}

/// A page's worth.
pub const SHOWN: i64 = 100;
