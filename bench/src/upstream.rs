//! An upstream that is never the limit: one worker, one answer, nothing looked at.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::{HttpResponse, web};

use crate::server;

/// As the provider answers: with the whole session, instructions and all.
const ANSWER: &str = include_str!("answer.json");

pub(crate) async fn serve(bind: SocketAddr, delay: Duration) -> anyhow::Result<()> {
    let answer = move || async move {
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
