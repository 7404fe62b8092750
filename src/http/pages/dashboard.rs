//! `GET /dashboard`: the page for operators. It is plain text of ours and one library in `vendor`; what it shows it asks of
//! `/v1/admin/…`, with what the operator types in.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::super::Edge;
use super::super::problem::Problem;
use super::{CSS, File, Files, HTML, SCRIPT, SVG, file};

static FILES: Files = Files::new(
    "/dashboard",
    &[
        file!("index.html", HTML, "dashboard/index.html"),
        file!("dashboard.css", CSS, "dashboard/dashboard.css"),
        file!("uplot.css", CSS, "dashboard/vendor/uPlot.min.css"),
        file!("uplot.js", SCRIPT, "dashboard/vendor/uPlot.iife.min.js"),
        file!("address.js", SCRIPT, "dashboard/address.js"),
        file!("bars.js", SCRIPT, "dashboard/bars.js"),
        file!("by-group.js", SCRIPT, "dashboard/by-group.js"),
        file!("chart.js", SCRIPT, "dashboard/chart.js"),
        file!("dashboard.js", SCRIPT, "dashboard/dashboard.js"),
        file!("drawer.js", SCRIPT, "dashboard/drawer.js"),
        file!("events.js", SCRIPT, "dashboard/events.js"),
        file!("feed.js", SCRIPT, "dashboard/feed.js"),
        file!("filters.js", SCRIPT, "dashboard/filters.js"),
        file!("format.js", SCRIPT, "dashboard/format.js"),
        file!("ledger.js", SCRIPT, "dashboard/ledger.js"),
        file!("logs.js", SCRIPT, "dashboard/logs.js"),
        file!("money.js", SCRIPT, "dashboard/money.js"),
        file!("over-time.js", SCRIPT, "dashboard/over-time.js"),
        file!("panel.js", SCRIPT, "dashboard/panel.js"),
        file!("refresh.js", SCRIPT, "dashboard/refresh.js"),
        file!("sign-in.js", SCRIPT, "dashboard/sign-in.js"),
        file!("table.js", SCRIPT, "dashboard/table.js"),
        file!("today.js", SCRIPT, "dashboard/today.js"),
        file!("window.js", SCRIPT, "dashboard/window.js"),
        file!("base.css", CSS, "shared/base.css"),
        file!("panels.css", CSS, "shared/panels.css"),
        file!("icon.svg", SVG, "shared/icon.svg"),
        file!("api.js", SCRIPT, "shared/api.js"),
        file!("dom.js", SCRIPT, "shared/dom.js"),
        file!("theme.js", SCRIPT, "shared/theme.js"),
    ],
);

/// How operators sign in here.
#[derive(Serialize)]
pub(in super::super) struct SignIn {
    /// With `ADMIN_TOKEN`.
    admin_token: bool,
    /// With the JWT of a user who has one of `ADMIN_ROLES`.
    operator_roles: bool,
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

pub(in super::super) async fn sign_in(edge: Data<Edge>) -> Json<SignIn> {
    Json(SignIn {
        admin_token: edge.admin_token.is_some(),
        operator_roles: edge.administration.operators.may_be_users(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_served;
    use super::*;

    #[test]
    fn every_file_of_the_folders_is_served() {
        assert_served(&FILES, &["dashboard", "shared"]);
    }
}
