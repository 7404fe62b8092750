//! A client of a WebSocket.

use std::time::Duration;

use ephemint_sim::Simulator;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, http, protocol::CloseFrame},
};

const PATIENCE: Duration = Duration::from_secs(10);

/// An open WebSocket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The subprotocol that was selected.
    pub(crate) protocol: Option<String>,
}

/// An answer that is no WebSocket.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) param: Option<String>,
}

/// How a socket came to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a close frame of that code.
    Closed(u16),
    /// Without a word.
    Dropped,
}

impl Socket {
    /// Opens `/v1/realtime` with this query and these headers.
    pub(crate) async fn try_open(
        simulator: &Simulator,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Refused> {
        let url = format!("ws://{}/v1/realtime{query}", simulator.address());
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((stream, response)) => {
                let protocol = response.headers().get("sec-websocket-protocol");
                let protocol = protocol.map(|protocol| protocol.to_str().unwrap().to_owned());
                Ok(Self { stream, protocol })
            }
            Err(tungstenite::Error::Http(response)) => Err(Refused::of(&response)),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens it with a key or a client secret.
    pub(crate) async fn open(simulator: &Simulator, query: &str, token: &str) -> Self {
        let authorization = format!("Bearer {token}");
        Self::try_open(simulator, query, &[("authorization", &authorization)]).await.unwrap()
    }

    /// Sends an event.
    pub(crate) async fn send(&mut self, event: Value) {
        self.put(Message::text(event.to_string())).await;
    }

    /// Sends a message of any kind.
    pub(crate) async fn put(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Value {
        match self.message().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("no event: {other:?}"),
        }
    }

    /// The next event of that type; passes over others.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["type"] == kind {
                return event;
            }
        }
    }

    /// The next event, which has to be the answer to an update: proves that nothing was sent before.
    pub(crate) async fn has_been_silent(&mut self) {
        self.send(json!({ "type": "session.update", "session": { "type": "realtime" } })).await;
        assert_eq!(self.event().await["type"], "session.updated");
    }

    /// The next message of any kind; none when the connection is gone.
    pub(crate) async fn message(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.stream.next()).await.unwrap()?.ok()
    }

    /// Reads to the end.
    pub(crate) async fn end(&mut self) -> End {
        loop {
            match self.message().await {
                Some(Message::Close(Some(CloseFrame { code, .. }))) => return End::Closed(code.into()),
                Some(_) => {}
                None => return End::Dropped,
            }
        }
    }

    /// Closes it in good order.
    pub(crate) async fn close(mut self) {
        self.stream.close(None).await.unwrap();
        assert_eq!(timeout(PATIENCE, async { while self.stream.next().await.is_some() {} }).await, Ok(()));
    }
}

impl Refused {
    fn of(response: &http::Response<Option<Vec<u8>>>) -> Self {
        let body: Value = serde_json::from_slice(response.body().as_deref().unwrap_or_default()).unwrap();
        let text = |pointer| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Self {
            status: response.status().as_u16(),
            code: text("/error/code").unwrap(),
            param: text("/error/param"),
        }
    }
}
