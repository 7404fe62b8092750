//! The least that this server library does for a request: what a refusal is measured against.

use std::net::SocketAddr;

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes};

use crate::server;

pub(crate) async fn serve(bind: SocketAddr) -> anyhow::Result<()> {
    let hello = |_: Bytes| async { HttpResponse::Ok().content_type("text/plain").body("hello") };
    server::serve(bind, None, move |config| {
        config.default_service(web::to(hello));
    })
    .await
}
