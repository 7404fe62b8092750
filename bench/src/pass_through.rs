//! The limit of what a mint can be: one request in, one request upstream, its answer out. It is the token endpoint of
//! samples: the same session for everybody who asks.

use std::net::SocketAddr;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpResponse, error};
use reqwest::{Client, Url};

use crate::server;

/// What the service asks of the provider for the role and language that is measured.
const ASKED: &str = include_str!("asked.json");

/// The upstream and the way to it.
struct Upstream {
    client: Client,
    address: Url,
}

pub(crate) async fn serve(bind: SocketAddr, upstream: &Url) -> anyhow::Result<()> {
    let address =
        Url::parse(&format!("{}/realtime/client_secrets", upstream.as_str().trim_end_matches('/')))?;
    let client = Client::builder().tls_certs_only([]).no_proxy().build()?;
    let upstream = Data::new(Upstream { client, address });
    server::serve(bind, None, move |config| {
        config.app_data(upstream.clone()).default_service(web::to(hand_on));
    })
    .await
}

async fn hand_on(_: Bytes, upstream: Data<Upstream>) -> actix_web::Result<HttpResponse> {
    let request = upstream.client.post(upstream.address.clone()).header("content-type", "application/json");
    let answer = request.body(ASKED).send().await.map_err(error::ErrorBadGateway)?;
    let status = StatusCode::from_u16(answer.status().as_u16()).map_err(error::ErrorBadGateway)?;
    let body = answer.bytes().await.map_err(error::ErrorBadGateway)?;
    Ok(HttpResponse::build(status).content_type("application/json").body(body))
}
