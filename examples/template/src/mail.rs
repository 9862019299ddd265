//! Mails over SMTP.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp;
use lettre::transport::stub::AsyncStubTransport;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use nango_core::BoxError;

use crate::config::Config;

/// The longest wait for an answer of the server: a call of the handler has five seconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Sends mails.
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Stub(AsyncStubTransport),
}

impl Mailer {
    /// Sends to the server of `SMTP_URL`, which is not contacted before the first mail.
    ///
    /// # Errors
    ///
    /// When `SMTP_URL` or `MAIL_FROM` is not valid. The text has neither.
    pub fn smtp(config: &Config) -> Result<Self, BoxError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.smtp_url)
            .map_err(|_| "SMTP_URL is not valid; it looks like smtps://USER:PASSWORD@HOST")?
            .timeout(Some(TIMEOUT));
        Ok(Self { from: sender(config)?, transport: Transport::Smtp(transport.build()) })
    }

    /// Keeps mails in the memory of the returned transport, for tests.
    ///
    /// # Errors
    ///
    /// When `MAIL_FROM` is not valid.
    pub fn stub(config: &Config) -> Result<(Self, AsyncStubTransport), BoxError> {
        let stub = AsyncStubTransport::new_ok();
        Ok((Self { from: sender(config)?, transport: Transport::Stub(stub.clone()) }, stub))
    }

    /// Sends a mail. The text of an error is for logs: it has no address, as the server's answers may.
    pub(crate) async fn send(&self, to: &str, subject: &str, text: String) -> Result<(), BoxError> {
        let to = to.parse().map_err(|_| "a user has no valid e-mail address")?;
        let mail = Message::builder().from(self.from.clone()).to(Mailbox::new(None, to)).subject(subject);
        let mail = mail.header(ContentType::TEXT_PLAIN).body(text);
        let mail = mail.map_err(|_| "a mail could not be written")?;
        match &self.transport {
            Transport::Smtp(server) => server.send(mail).await.map(drop).map_err(|error| described(&error)),
            Transport::Stub(stub) => stub.send(mail).await.map_err(|_| "the stub refuses mails".into()),
        }
    }
}

fn sender(config: &Config) -> Result<Mailbox, BoxError> {
    let parsed = config.mail_from.parse();
    parsed.map_err(|_| "MAIL_FROM is not valid; it looks like App <app@example.com>".into())
}

fn described(error: &smtp::Error) -> BoxError {
    let kind = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_permanent() || error.is_transient() {
        "refused a mail"
    } else {
        "could not be reached"
    };
    let code = error.status().map(|code| format!(" with the code {code}")).unwrap_or_default();
    format!("the mail server of SMTP_URL {kind}{code}").into()
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}
