//! `GET /v1/admin/usage/{report}`: what operators see of everybody's use, as JSON or CSV.

mod parameters;

use actix_web::http::header::ACCEPT;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::Edge;
use super::operator::Operator;
use super::problem::Problem;

const CSV: &str = "text/csv; charset=utf-8; header=present";

/// Says where the next page begins, where there is one.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

pub(super) async fn get(
    _: Operator,
    edge: Data<Edge>,
    report: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = parameters::read(&report, request.query_string(), edge.clock.now())?;
    let table = edge.reports.report(&query).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, "Accept"));
    if let Some(cursor) = &table.next
        && let Ok(value) = HeaderValue::from_str(&cursor.to_string())
    {
        response.insert_header((NEXT_CURSOR, value));
    }
    if wants_csv(&request) {
        return Ok(response.insert_header((CONTENT_TYPE, CSV)).body(table.csv()));
    }
    Ok(response.json(table.json(&query)))
}

/// Whether CSV is asked for by name.
fn wants_csv(request: &HttpRequest) -> bool {
    let accepts = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let mut types =
        accepts.flat_map(|value| value.split(',')).map(|one| one.split(';').next().unwrap_or_default());
    types.any(|media_type| media_type.trim().eq_ignore_ascii_case("text/csv"))
}
