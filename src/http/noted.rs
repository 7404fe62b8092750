//! Credentials of those who are no users. Whoever tries one in vain is counted, and noted in the audit trail.

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, ResponseError};

use super::Edge;
use super::problem::Problem;
use crate::kernel::code::Code;
use crate::kernel::ids::RequestId;
use crate::store::{Actor, Origin};

/// What `find` makes of a request, and where that came from. It puts into the origin who it is, as soon as that is known, so
/// that a refusal after it is noted under their name.
pub(super) async fn noted<T>(
    request: &HttpRequest,
    find: impl AsyncFnOnce(&Edge, &mut Origin) -> Result<T, Problem>,
) -> Result<(T, Origin), Problem> {
    let edge = request.app_data::<Data<Edge>>().ok_or_else(|| Problem::new(Code::Internal, "No service."))?;
    // Guesses come no faster than anything else.
    edge.door.address(request)?;
    let mut origin = Origin {
        actor: Actor::Stranger,
        address: Some(edge.door.proxies.client(request)),
        request_id: request.extensions().get::<RequestId>().cloned(),
    };
    match find(edge, &mut origin).await {
        Ok(found) => Ok((found, origin)),
        Err(problem) => {
            edge.refused(request, &problem);
            if problem.status_code().is_client_error() {
                let pattern = request.match_pattern().unwrap_or_default();
                let asked = format!("{} {pattern}", request.method());
                edge.administration.denied(&origin, &asked, problem.code());
            }
            Err(problem)
        }
    }
}
