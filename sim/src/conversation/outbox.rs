//! What a conversation has to say, and the names it gives to things.

use std::collections::VecDeque;

use serde_json::Value;

use super::seam::{Output, To};

/// What is to be done, oldest first. Ids are counted, not drawn, so that the same script gives the same events.
#[derive(Debug)]
pub(super) struct Outbox {
    seed: String,
    named: u64,
    queue: VecDeque<Output>,
}

impl Outbox {
    /// An empty one, whose ids carry the end of the session's.
    pub(super) fn new(session_id: &str) -> Self {
        let seed = session_id.strip_prefix("sess_").unwrap_or(session_id).chars().take(16).collect();
        Self { seed, named: 0, queue: VecDeque::new() }
    }

    /// A new id, such as `item_Ab3…0001`.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.named += 1;
        format!("{prefix}_{}{:04x}", self.seed, self.named)
    }

    /// An event of that type with these members.
    pub(super) fn say(&mut self, to: To, kind: &str, mut event: Value) {
        let id = self.id("event");
        if let Some(members) = event.as_object_mut() {
            members.insert("type".to_owned(), kind.into());
            members.insert("event_id".to_owned(), id.into());
        }
        self.put(Output::Say { to, event });
    }

    /// An event for everyone.
    pub(super) fn tell(&mut self, kind: &str, event: Value) {
        self.say(To::All, kind, event);
    }

    pub(super) fn put(&mut self, output: Output) {
        self.queue.push_back(output);
    }

    pub(super) fn take(&mut self) -> Option<Output> {
        self.queue.pop_front()
    }
}
