//! The layout of all pages: markup, style, escaping and security headers. No script anywhere.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(super) struct Page<'a> {
    pub title: &'a str,
    pub heading: &'a str,
    pub lead: &'a str,
    /// Markup; every text in it is escaped already.
    pub body: &'a str,
}

impl Page<'_> {
    /// `form_targets` are the origins, besides this server, that a form's answer may redirect to: Chromium
    /// applies `form-action` to redirects.
    pub fn respond(&self, status: StatusCode, form_targets: &[String]) -> Response {
        let html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
             <link rel=\"stylesheet\" href=\"/assets/sign-in.css\"></head>\
             <body><main><p class=\"mark\"><span aria-hidden=\"true\">e</span>ezeep, simulated</p>\
             <h1>{heading}</h1><p class=\"lead\">{lead}</p>{body}</main>\
             <footer>A simulated cloud on this computer. Nothing you do here reaches ezeep.</footer></body></html>\n",
            title = escape(self.title),
            heading = escape(self.heading),
            lead = escape(self.lead),
            body = self.body,
        );
        let csp = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{}{}; base-uri 'none'; frame-ancestors 'none'",
            if form_targets.is_empty() { "" } else { " " },
            form_targets.join(" ")
        );
        let mut reply = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
        let headers = reply.headers_mut();
        if let Ok(csp) = HeaderValue::from_str(&csp) {
            headers.insert(header::CONTENT_SECURITY_POLICY, csp);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        reply
    }
}

/// 400 without a redirect: the request is not trusted enough to redirect a browser (RFC 6749 section
/// 4.1.2.1).
pub(super) fn problem(why: &str) -> Response {
    Page {
        title: "Can't sign in",
        heading: "This sign-in can't go on",
        lead: why,
        body: "",
    }
    .respond(StatusCode::BAD_REQUEST, &[])
}

/// A message above a form; nothing where there is none.
pub(super) fn alert(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("<p class=\"alert\" role=\"alert\">{}</p>", escape(text))
    }
}

/// Whether a browser reports that another site sent this form. Other clients don't report it.
pub(super) fn from_another_site(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .and_then(|site| site.to_str().ok())
        .is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

/// Text escaped for HTML, also for attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

pub(super) async fn stylesheet() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        include_str!("sign-in.css"),
    )
        .into_response()
}
