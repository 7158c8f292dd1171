//! A mail server, spoken to by SMTP (RFC 5321) over rustls.

use std::time::{Duration, SystemTime};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, header::HeaderName, header::HeaderValue},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};

use super::{Carrier, Carrying, Encryption, Letter, Settings};
use crate::{error::Fault, rules::notice::Heard};

/// Letters leave through a mail server of the operator's.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The mail server of the configuration; nothing is sent yet.
    ///
    /// # Errors
    /// A fault that names what the configuration has wrong.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        let host = settings
            .host
            .as_deref()
            .ok_or(Fault::plain("mail: name a host"))?;
        let from: Mailbox = settings.from.parse().map_err(|source| {
            Fault::of(
                "reading mail.from",
                Box::<dyn std::error::Error + Send + Sync>::from(source),
            )
        })?;
        let tls = match settings.tls {
            Encryption::None => Tls::None,
            Encryption::Implicit => Tls::Wrapper(parameters(host, settings)?),
            Encryption::StartTls => Tls::Required(parameters(host, settings)?),
        };
        // "Dangerous" is that it begins without encryption: what is set on it decides.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port())
            .tls(tls)
            // RFC 5321 §4.1.4: our domain; that of the sender's address is one that can be looked up.
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(STEP));
        if let (Some(user), Some(file)) = (&settings.user, &settings.password_file) {
            let password = std::fs::read_to_string(file)
                .map_err(|source| Fault::of("reading mail.password_file", source))?;
            builder = builder.credentials(Credentials::new(
                user.clone(),
                password.trim_end_matches(['\r', '\n']).to_owned(),
            ));
        }
        Ok(Self {
            transport: builder.build(),
            from,
        })
    }

    fn message(&self, letter: &Letter) -> Result<Message, Fault> {
        let to = letter
            .to
            .as_str()
            .parse()
            .map_err(|source: lettre::address::AddressError| Fault::of("addressing a letter", source))?;
        let since = Duration::from_secs(u64::try_from(letter.at.0).unwrap_or(0));
        let at = SystemTime::UNIX_EPOCH.checked_add(since);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(at.unwrap_or(SystemTime::UNIX_EPOCH))
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            // RFC 3834 §5.2: answering machines leave it alone.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .subject(letter.subject.replace(['\r', '\n'], " "))
            .multipart(MultiPart::alternative_plain_html(
                letter.text.expose().clone(),
                letter.html.expose().clone(),
            ))
            .map_err(|source| Fault::of("composing a letter", source))
    }
}

impl Carrier for Smtp {
    fn carry<'a>(&'a self, letter: &'a Letter) -> Carrying<'a> {
        Box::pin(async move {
            let message = match self.message(letter) {
                Ok(message) => message,
                Err(fault) => {
                    tracing::warn!(%fault, notice = %letter.id, "a letter cannot be sent");
                    return Heard::NoSuchMailbox;
                }
            };
            match self.transport.send(message).await {
                Ok(_) => Heard::Taken,
                Err(error) => {
                    let code = error.status().map_or(0, u16::from);
                    // Its text may repeat the address; the code tells an operator enough.
                    tracing::warn!(
                        code,
                        timeout = error.is_timeout(),
                        tls = error.is_tls(),
                        "the mail server"
                    );
                    if about_the_mailbox(code) {
                        Heard::NoSuchMailbox
                    } else {
                        Heard::Nothing
                    }
                }
            }
        })
    }
}

/// RFC 5321 §4.2.3: permanent answers that speak of this mailbox. Others (not allowed, no such command) are about us.
fn about_the_mailbox(code: u16) -> bool {
    matches!(code, 550..=553)
}

fn parameters(host: &str, settings: &Settings) -> Result<TlsParameters, Fault> {
    let faulty = |source| Fault::of("preparing TLS for the mail server", source);
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(file) = &settings.trust_roots {
        let pem = std::fs::read(file).map_err(|source| Fault::of("reading mail.trust_roots", source))?;
        builder = builder.certificate_store(CertificateStore::None);
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(faulty)?);
    }
    builder.build_rustls().map_err(faulty)
}

/// A server may look up who calls before it greets.
const STEP: Duration = Duration::from_secs(15);
