//! Where traces go, and which of them.

use reqwest::Url;
use secrecy::ExposeSecret;

use super::reader::Reader;
use crate::kernel::hex::unhex;
use crate::net::header::{HeaderMap, HeaderName, HeaderValue};
use crate::traces::{ARE_BUILT_IN, NotBuiltIn, Sampling};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SHARE: &str = "OTEL_TRACES_SAMPLER_ARG";

/// A collector of traces.
#[derive(Debug, Clone)]
pub struct Collector {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: its address.
    pub url: Url,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: sent along, and never shown.
    pub headers: HeaderMap,
    /// `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`: which traces it gets.
    pub sampling: Sampling,
}

impl Collector {
    /// Reads where traces go; `Some(None)` where they go nowhere, and then the other settings mean nothing.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Option<Self>> {
        let Some(written) = reader.text(ENDPOINT) else {
            return Some(None);
        };
        if !ARE_BUILT_IN {
            let mend = "use a program that was built with `--features traces`, as the image is, or unset it";
            return reader.wrong(ENDPOINT, NotBuiltIn.to_string(), mend);
        }
        let (url, headers, sampling) = (url(reader, written), headers(reader), sampling(reader));
        Some(Some(Self { url: url?, headers: headers?, sampling: sampling? }))
    }
}

fn url(reader: &mut Reader<'_>, written: &str) -> Option<Url> {
    let plain = |url: &Url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    match Url::parse(written) {
        Ok(url) if plain(&url) => Some(url),
        _ => reader.wrong(
            ENDPOINT,
            "not a plain http or https address",
            "write a collector's address, such as http://127.0.0.1:4318",
        ),
    }
}

/// `name=value,name=value`, where values have `%2C` for a comma, and so on.
fn headers(reader: &mut Reader<'_>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let Some(written) = reader.secret(HEADERS, 1)? else {
        return Some(headers);
    };
    for (n, item) in
        written.expose_secret().split(',').enumerate().filter(|(_, item)| !item.trim().is_empty())
    {
        let Some((name, value)) = header(item) else {
            // Nothing of it is repeated: it may be the secret itself.
            let problem = format!("number {} is no header", n + 1);
            let mend = "write name=value,name=value; in values, %2C for a comma and %25 for a percent sign";
            return reader.wrong(HEADERS, problem, mend);
        };
        headers.append(name, value);
    }
    Some(headers)
}

fn header(item: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = item.split_once('=')?;
    let name = name.trim().parse().ok()?;
    let mut value = HeaderValue::from_bytes(&decoded(value.trim())?).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// A text without its percent-encoding; none where that is broken.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.extend(unhex(digits)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Some(bytes)
}

fn sampling(reader: &mut Reader<'_>) -> Option<Sampling> {
    let all = |callers_decide| (Sampling { callers_decide, share: 1.0 }, false);
    let none = |callers_decide| (Sampling { callers_decide, share: 0.0 }, false);
    let some = |callers_decide| (Sampling { callers_decide, share: 1.0 }, true);
    let words = [
        ("parentbased_always_on", all(true)),
        ("parentbased_always_off", none(true)),
        ("parentbased_traceidratio", some(true)),
        ("always_on", all(false)),
        ("always_off", none(false)),
        ("traceidratio", some(false)),
    ];
    let (sampling, has_share) = reader.choice(SAMPLER, &words)?;
    let mend = "write a share from 0 to 1, such as 0.1";
    let Some(share) = reader.parsed::<f64>(SHARE, mend)? else {
        return Some(sampling);
    };
    if !has_share {
        let mend = "set OTEL_TRACES_SAMPLER=parentbased_traceidratio, or unset it";
        return reader.wrong(SHARE, "this sampler takes no share", mend);
    }
    if !(0.0..=1.0).contains(&share) {
        return reader.wrong(SHARE, format!("`{share}` is no share"), mend);
    }
    Some(Sampling { share, ..sampling })
}
