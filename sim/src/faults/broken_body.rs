//! A body that does not hold what its `Content-Length` promises.

use std::{
    io, mem,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, MessageBody},
    web::Bytes,
};

/// A body that fails before its end, upon which the server drops the connection.
///
/// The server writes the head of an answer only when the first poll of the body is over, so a body that fails in its
/// first poll leaves the client without a single byte.
#[derive(Debug)]
pub(super) struct BrokenBody {
    promised: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Send(Bytes),
    /// Waits once, for the server to write what it has been given.
    Flush,
    Fail,
}

impl BrokenBody {
    /// Fails before anything is written.
    pub(super) const fn unsent() -> Self {
        Self { promised: 1, state: State::Fail }
    }

    /// Promises all of `body` and fails after the first half.
    pub(super) fn half(body: &Bytes) -> Self {
        let half = body.len() / 2;
        Self { promised: body.len() as u64, state: State::Send(body.slice(..half)) }
    }
}

impl MessageBody for BrokenBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.promised)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match mem::replace(&mut self.state, State::Fail) {
            State::Send(bytes) => {
                self.state = State::Flush;
                Poll::Ready(Some(Ok(bytes)))
            }
            State::Flush => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            State::Fail => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }
}
