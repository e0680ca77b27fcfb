//! The steps of a sign-in, with what each holds: the open browser, the pairing code. Owns how a wait ends.
//! Must never show the state of an attempt but inside its link.

use ezeep_auth::Pairing;
use qrcode::{EcLevel, QrCode as Modules};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{QrCode, RedirectKind, SignInForm, SignInMethod, SignInStep};

/// How far a sign-in has got.
pub enum Step {
    /// Nothing has begun.
    Form(Option<AppError>),
    /// Somebody is waited for.
    Waiting(Box<Waiting>),
    /// The answer is here.
    Finishing {
        /// For the demo organization.
        demo: bool,
    },
}

/// An attempt whose answer is waited for.
pub struct Waiting {
    /// The page to open.
    pub link: Url,
    pub method: SignInMethod,
    pub keep: bool,
    pub demo: bool,
    pub problem: Option<AppError>,
    /// Why the last try to open the page failed. Shown before `problem`.
    pub unopened: Option<AppError>,
    /// What the answer comes by.
    pub by: WaitingFor,
    pub cancel: CancellationToken,
    /// Cancelled when nobody listens any more.
    pub closed: CancellationToken,
}

/// What the answer comes by.
pub enum WaitingFor {
    /// The browser, by a redirect.
    Browser(RedirectKind),
    /// Another device, by the server.
    Code {
        code: String,
        qr: QrCode,
        expires_at: i64,
    },
}

impl WaitingFor {
    /// What a pairing shows.
    pub fn pairing(pairing: &Pairing) -> Result<Self> {
        let lasts = i64::try_from(pairing.expires_in().as_millis()).unwrap_or(i64::MAX / 2);
        Ok(Self::Code {
            code: pairing.code().to_owned(),
            qr: qr(pairing.url().as_str())?,
            expires_at: clock::unix_millis().saturating_add(lasts),
        })
    }
}

impl Waiting {
    /// Tells what the browser has shown: so the page is open, whoever opened it.
    pub fn tell(&mut self, problem: ErrorCode) {
        self.problem = Some(problem.into());
        self.unopened = None;
    }

    fn shown_problem(&self) -> Option<AppError> {
        self.unopened.clone().or_else(|| self.problem.clone())
    }

    /// Ends the wait; what it gives is done when the port is free again.
    pub fn end(&self) -> CancellationToken {
        self.cancel.cancel();
        self.closed.clone()
    }
}

impl Step {
    /// The wait, where there is one.
    pub fn waiting(&self) -> Option<&Waiting> {
        match self {
            Self::Waiting(waiting) => Some(waiting),
            Self::Form(_) | Self::Finishing { .. } => None,
        }
    }

    /// What the UI shows of it; `form` is asked only where it is shown.
    pub fn view(&self, form: impl FnOnce() -> SignInForm) -> SignInStep {
        match self {
            Self::Form(problem) => SignInStep::Form {
                form: form(),
                problem: problem.clone(),
            },
            Self::Finishing { demo } => SignInStep::Finishing { demo: *demo },
            Self::Waiting(waiting) => match &waiting.by {
                WaitingFor::Browser(receiver) => SignInStep::WaitingForBrowser {
                    link: waiting.link.to_string(),
                    method: waiting.method,
                    keep: waiting.keep,
                    demo: waiting.demo,
                    receiver: *receiver,
                    problem: waiting.shown_problem(),
                },
                WaitingFor::Code { code, qr, expires_at } => SignInStep::Pairing {
                    code: code.clone(),
                    link: waiting.link.to_string(),
                    qr: qr.clone(),
                    expires_at: *expires_at,
                    keep: waiting.keep,
                    problem: waiting.shown_problem(),
                },
            },
        }
    }
}

fn qr(text: &str) -> Result<QrCode> {
    let code = Modules::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?;
    let size = code.width();
    let colors = code.to_colors();
    let rows = colors
        .chunks(size)
        .map(|row| row.iter().map(|color| color.select('1', '0')).collect())
        .collect();
    Ok(QrCode {
        size: u32::try_from(size).unwrap_or_default(),
        rows,
    })
}

#[cfg(test)]
mod tests {
    use super::qr;

    #[test]
    fn a_qr_code_is_square_and_has_its_three_corners() {
        let code = qr("https://account.ezeep.com/pair/?code=ABCD-EFGH").unwrap();
        let size = code.size as usize;
        assert_eq!(code.rows.len(), size);
        assert!(code.rows.iter().all(|row| row.len() == size));
        for (row, at) in [(0, 0), (0, size - 7), (size - 7, 0)] {
            assert_eq!(&code.rows[row][at..at + 7], "1111111");
            assert_eq!(&code.rows[row + 1][at..at + 7], "1000001");
        }
    }
}
