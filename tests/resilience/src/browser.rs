//! A person at a browser: opens the sign-in page, chooses who they are, allows or refuses, and is sent back.
//! Must never know more of the page than a browser does: its form.

use anyhow::{Context as _, bail};
use reqwest::header::LOCATION;
use url::Url;

/// A browser that follows no redirect by itself, so that a test sees each.
///
/// # Errors
/// Where no client can be made.
pub fn browser() -> anyhow::Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}

/// Signs in on the simulated cloud's page as the person with this address, and gives the address that the
/// browser is sent back to, not yet opened.
///
/// # Errors
/// Where the page is not as expected.
pub async fn allow(link: &Url, email: &str) -> anyhow::Result<Url> {
    let browser = browser()?;
    let mut link = link.clone();
    link.query_pairs_mut().append_pair("q", email);
    let reply = browser.get(link.clone()).send().await?;
    if let Some(to) = reply.headers().get(LOCATION) {
        bail!("the page sends the browser away at once: {to:?}");
    }
    let page = reply.text().await?;
    let (action, mut fields) = form(&page).context("the sign-in page has no form")?;
    fields.push(("decision".into(), "allow".into()));
    let reply = browser.post(link.join(&action)?).form(&fields).send().await?;
    let back = reply.headers().get(LOCATION).context("allowing leads nowhere")?;
    Ok(Url::parse(back.to_str()?)?)
}

/// Signs in and goes back to the app.
///
/// # Errors
/// Where the page or the app does not answer.
pub async fn sign_in(link: &Url, email: &str) -> anyhow::Result<()> {
    let back = allow(link, email).await?;
    browser()?
        .get(back)
        .send()
        .await
        .context("the app does not listen")?;
    Ok(())
}

/// Where the page's POST form goes, with its hidden fields and what is checked.
#[must_use]
pub fn form(page: &str) -> Option<(String, Vec<(String, String)>)> {
    let form = page.split("<form").find(|part| {
        part.split('>')
            .next()
            .is_some_and(|tag| tag.contains("method=\"post\""))
    })?;
    let form = form.split("</form>").next()?;
    let action = attribute(form.split('>').next()?, "action").unwrap_or_default();
    let mut fields = Vec::new();
    for input in form.split("<input").skip(1) {
        let input = input.split('>').next()?;
        let wanted = input.contains("type=\"hidden\"") || input.contains(" checked");
        if wanted && let (Some(name), Some(value)) = (attribute(input, "name"), attribute(input, "value")) {
            fields.push((name, value));
        }
    }
    Some((action, fields))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(
        value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&#x27;", "'")
            .replace("&amp;", "&"),
    )
}
