//! An upstream that is never the limit: one worker, one answer, nothing looked at. It takes the whole request, like
//! everything here: a server that leaves a body unread closes the connection, and each request then needs a new one.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes};

use crate::server;

/// As the provider answers: with the whole session, instructions and all.
const ANSWER: &str = include_str!("answer.json");

pub(crate) async fn serve(bind: SocketAddr, delay: Duration) -> anyhow::Result<()> {
    let answer = move |_: Bytes| async move {
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        HttpResponse::Ok().content_type("application/json").body(ANSWER)
    };
    server::serve(bind, Some(1), move |config| {
        config.default_service(web::to(answer));
    })
    .await
}
