//! The steps of a sign-in, with what the window shows of each: the open browser, the pairing code. Must never
//! show an attempt's `state` outside of its link.

use ezeep_auth::Pairing;
use qrcode::{EcLevel, QrCode as Modules};
use url::Url;

use crate::clock;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{self, QrCode, RedirectKind, SignInForm, SignInMethod};

/// The step of a sign-in.
#[derive(Clone)]
pub enum SignInStep {
    /// Nothing has begun.
    Form(Option<AppError>),
    /// Waits for the browser or for a pairing.
    Waiting(Box<Waiting>),
    /// The answer has arrived.
    Finishing {
        /// For the demo organization.
        demo: bool,
    },
}

/// An attempt that waits for its answer.
#[derive(Clone)]
pub struct Waiting {
    /// The attempt.
    pub attempt: u64,
    /// The page to open.
    pub link: Url,
    pub method: SignInMethod,
    pub keep: bool,
    pub demo: bool,
    pub problem: Option<AppError>,
    /// Why the last try to open the page failed. Shown before `problem`.
    pub unopened: Option<AppError>,
    /// How the answer arrives.
    pub by: WaitingFor,
}

/// How the answer arrives.
#[derive(Clone)]
pub enum WaitingFor {
    /// From the browser, by a redirect.
    Browser(RedirectKind),
    /// From the server, after a confirmation on another device.
    Code {
        code: String,
        qr: QrCode,
        expires_at: i64,
    },
}

impl WaitingFor {
    /// What the window shows of a pairing.
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
    /// Shows a problem that the browser brought. The browser therefore shows the page: `unopened` is cleared.
    pub fn show_problem(&mut self, problem: ErrorCode) {
        self.problem = Some(problem.into());
        self.unopened = None;
    }

    fn shown_problem(&self) -> Option<AppError> {
        self.unopened.clone().or_else(|| self.problem.clone())
    }
}

impl SignInStep {
    /// The waiting attempt, if there is one.
    pub fn waiting(&self) -> Option<&Waiting> {
        match self {
            Self::Waiting(waiting) => Some(waiting),
            Self::Form(_) | Self::Finishing { .. } => None,
        }
    }

    /// The same, mutable.
    pub fn waiting_mut(&mut self) -> Option<&mut Waiting> {
        match self {
            Self::Waiting(waiting) => Some(waiting),
            Self::Form(_) | Self::Finishing { .. } => None,
        }
    }

    /// The step for the UI. `form` is called only if the form is shown.
    pub fn view(&self, form: impl FnOnce() -> SignInForm) -> wire::SignInStep {
        match self {
            Self::Form(problem) => wire::SignInStep::Form {
                form: form(),
                problem: problem.clone(),
            },
            Self::Finishing { demo } => wire::SignInStep::Finishing { demo: *demo },
            Self::Waiting(waiting) => match &waiting.by {
                WaitingFor::Browser(receiver) => wire::SignInStep::WaitingForBrowser {
                    link: waiting.link.to_string(),
                    method: waiting.method,
                    keep: waiting.keep,
                    demo: waiting.demo,
                    receiver: *receiver,
                    problem: waiting.shown_problem(),
                },
                WaitingFor::Code { code, qr, expires_at } => wire::SignInStep::Pairing {
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
