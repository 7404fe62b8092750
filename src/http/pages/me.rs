//! `GET /me`: the page for users, who see to their own keys and settings there.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::super::Edge;
use super::super::problem::Problem;
use super::{CSS, File, Files, HTML, SCRIPT, SVG, file};

static FILES: Files = Files::new(
    "/me",
    &[
        file!("index.html", HTML, "me/index.html"),
        file!("me.css", CSS, "me/me.css"),
        file!("en.js", SCRIPT, "me/en.js"),
        file!("es.js", SCRIPT, "me/es.js"),
        file!("hand-over.js", SCRIPT, "me/hand-over.js"),
        file!("key-card.js", SCRIPT, "me/key-card.js"),
        file!("keys.js", SCRIPT, "me/keys.js"),
        file!("me.js", SCRIPT, "me/me.js"),
        file!("parts.js", SCRIPT, "me/parts.js"),
        file!("preview.js", SCRIPT, "me/preview.js"),
        file!("session.js", SCRIPT, "me/session.js"),
        file!("settings.js", SCRIPT, "me/settings.js"),
        file!("settings-field.js", SCRIPT, "me/settings-field.js"),
        file!("settings-form.js", SCRIPT, "me/settings-form.js"),
        file!("use.js", SCRIPT, "me/use.js"),
        file!("words.js", SCRIPT, "me/words.js"),
        file!("base.css", CSS, "shared/base.css"),
        file!("panels.css", CSS, "shared/panels.css"),
        file!("icon.svg", SVG, "shared/icon.svg"),
        file!("api.js", SCRIPT, "shared/api.js"),
        file!("dom.js", SCRIPT, "shared/dom.js"),
        file!("theme.js", SCRIPT, "shared/theme.js"),
    ],
);

/// Whose pages may hand a token over.
#[derive(Serialize)]
pub(in super::super) struct Origins {
    /// To the letter.
    origins: Vec<String>,
}

pub(in super::super) async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    FILES.answer("index.html", request.headers())
}

pub(in super::super) async fn part(
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    FILES.answer(&name, request.headers())
}

pub(in super::super) async fn origins(edge: Data<Edge>) -> Json<Origins> {
    Json(Origins { origins: edge.origins.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_served;
    use super::*;

    #[test]
    fn every_file_of_the_folders_is_served() {
        assert_served(&FILES, &["me", "shared"]);
    }
}
