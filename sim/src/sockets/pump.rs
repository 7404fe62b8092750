//! Carries events between a socket and a session.

use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Closed, MessageStream, Session};

use crate::calls::{Close, Delivery, Peer};

/// The longest message that is read: the provider takes 15 MiB of sound at once, and base64 makes a third more of it.
const LARGEST: usize = 21 << 20;

/// Runs until one of both ends is gone.
pub(super) async fn run(mut peer: Peer, session: Session, messages: MessageStream) {
    let mut messages =
        messages.max_frame_size(LARGEST).aggregate_continuations().max_continuation_size(LARGEST);
    let mut socket = session.clone();
    loop {
        let went = tokio::select! {
            delivery = peer.next() => match delivery {
                Some(Delivery::Event(event)) => socket.text(&*event).await,
                Some(Delivery::Close(close)) => return part(session, Some(reason(close))).await,
                // To drop the socket is to leave without a word.
                None => return,
            },
            message = messages.recv() => match message {
                Some(Ok(AggregatedMessage::Text(text))) => take(&peer, text.into()),
                Some(Ok(AggregatedMessage::Binary(bytes))) => {
                    take(&peer, String::from_utf8_lossy(&bytes).into_owned())
                }
                Some(Ok(AggregatedMessage::Ping(bytes))) => socket.pong(&bytes).await,
                Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
                Some(Ok(AggregatedMessage::Close(reason))) => return part(session, reason).await,
                Some(Err(_)) => return part(session, Some(CloseCode::Protocol.into())).await,
                None => return,
            },
        };
        if went.is_err() {
            return;
        }
    }
}

fn take(peer: &Peer, text: String) -> Result<(), Closed> {
    peer.send(text);
    Ok(())
}

async fn part(session: Session, reason: Option<CloseReason>) {
    // A socket that is gone needs no farewell.
    let _ = session.close(reason).await;
}

fn reason(Close { code, reason }: Close) -> CloseReason {
    CloseReason { code: code.into(), description: Some(reason.to_owned()) }
}
