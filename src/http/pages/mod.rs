//! Pages that are built in, with their files. There is nothing secret in them: what they show they ask of the API, with a token
//! that is typed in or handed over.

pub(super) mod dashboard;
pub(super) mod me;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, HeaderMap, IF_NONE_MATCH};
use aws_lc_rs::digest::{SHA256, digest};

use super::problem::Problem;
use crate::kernel::code::Code;
use crate::kernel::hex::hex;

const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Browsers keep the files, and ask each time whether they are still the same.
const REVALIDATE: &str = "no-cache";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// A file of a page.
struct File {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
}

/// All files of a page.
struct Files {
    /// Where the page begins.
    address: &'static str,
    files: &'static [File],
    /// What each file is known by, in the same order: a digest of it.
    tags: OnceLock<Vec<String>>,
}

impl Files {
    const fn new(address: &'static str, files: &'static [File]) -> Self {
        Self { address, files, tags: OnceLock::new() }
    }

    /// The file of this name; nothing where the browser has it already.
    fn answer(&self, name: &str, asked: &HeaderMap) -> Result<HttpResponse, Problem> {
        let Some((file, tag)) = self.files.iter().zip(self.tags()).find(|(file, _)| file.name == name) else {
            let detail = format!("There is no such file. The page begins at {}.", self.address);
            return Err(Problem::new(Code::NotFound, detail));
        };
        let known = is_known(asked, tag);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((CACHE_CONTROL, REVALIDATE))
            .insert_header((CONTENT_SECURITY_POLICY, CONTENT_POLICY))
            .insert_header((ETAG, tag.as_str()));
        Ok(if known { response.finish() } else { response.content_type(file.media_type).body(file.text) })
    }

    fn tags(&self) -> &[String] {
        let tag = |file: &File| format!("\"{}\"", hex(digest(&SHA256, file.text.as_bytes()).as_ref()));
        self.tags.get_or_init(|| self.files.iter().map(tag).collect())
    }
}

/// Whether the browser has it already.
fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let sent = asked.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let mut tags = sent.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// A file by its name, its kind and its source.
macro_rules! file {
    ($name:literal, $media_type:expr, $source:literal) => {
        File { name: $name, media_type: $media_type, text: include_str!($source) }
    };
}
use file;

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file in these folders is among a page's. What is deeper, such as what is not ours, may go by other names.
    pub(super) fn assert_served(files: &Files, folders: &[&str]) {
        for folder in folders {
            let folder = format!("{}/src/http/pages/{folder}", env!("CARGO_MANIFEST_DIR"));
            let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
            for entry in entries.filter(|entry| entry.file_type().unwrap().is_file()) {
                let name = entry.file_name().into_string().unwrap();
                assert!(files.files.iter().any(|file| file.name == name), "{} lacks {name}", files.address);
            }
        }
    }

    #[test]
    fn what_is_there_is_not_sent_again() {
        let with = |sent: &[&str]| {
            let mut headers = HeaderMap::new();
            sent.iter().for_each(|value| headers.append(IF_NONE_MATCH, value.parse().unwrap()));
            is_known(&headers, "\"a\"")
        };
        assert!(with(&["\"a\""]) && with(&["W/\"a\""]) && with(&["*"]) && with(&["\"b\", \"a\""]));
        assert!(with(&["\"b\"", "\"a\""]));
        assert!(!with(&[]) && !with(&["\"b\""]) && !with(&["a"]));
    }
}
