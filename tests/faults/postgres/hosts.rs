//! Two hosts for one database, and the first of them is gone.

use std::net::TcpListener;

use ephemint_test_support::{ChaosProxy, Network, StoreKind};
use tokio::net::{TcpSocket, TcpStream};

use super::{Mode, Ordeal};
use crate::site::Site;

/// A site, the way to its database, and a URL that names `first` before it.
async fn with_first(first: &str) -> (Site, ChaosProxy, String) {
    let site = Site::new(StoreKind::Postgres).await;
    let proxy = ChaosProxy::before(&site.database.setting().1).await;
    let two = proxy.url().replacen('@', &format!("@{first},"), 1);
    (site, proxy, format!("{two}?target_session_attrs=read-write"))
}

/// A host that lets nobody in and says nothing, as one that is switched off: its queue is full.
async fn silent() -> (TcpListener, Vec<TcpStream>, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap().into_std().unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    let patience = std::time::Duration::from_millis(200);
    while let Ok(waiting) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        queue.push(waiting.unwrap());
    }
    (listener, queue, address.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_host_is_there_for_a_first_that_is_silent() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let (_listener, _queue, first) = silent().await;
    let (site, proxy, url) = with_first(&first).await;
    let service = site.start(&[("DATABASE_URL", &url), Mode::Deny.setting()]);
    let ordeal = Ordeal::begin_with(service, site, proxy, Mode::Deny).await;
    ordeal.proxy.cut();
    ordeal.recover().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_host_takes_over_from_a_first_that_refuses() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let site = Site::new(StoreKind::Postgres).await;
    let (first, second) = (
        ChaosProxy::before(&site.database.setting().1).await,
        ChaosProxy::before(&site.database.setting().1).await,
    );
    let port = |proxy: &ChaosProxy| reqwest::Url::parse(proxy.url()).unwrap().port().unwrap();
    let url = second.url().replacen('@', &format!("@127.0.0.1:{},", port(&first)), 1);
    let service = site.start(&[("DATABASE_URL", &url), Mode::Deny.setting()]);
    let ordeal = Ordeal::begin_with(service, site, second, Mode::Deny).await;
    first.set(Network::Refuse);
    first.cut();
    ordeal.recover().await;
}
