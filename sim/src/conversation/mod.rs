//! What is said in a session: a state machine without a clock, a socket or a task of its own.
//!
//! A hub tells it what clients sent, what was heard and that time has passed, and carries out what it answers with.
//!
//! How the parts lie: `seam` is what goes in and out; `client_event` what clients may ask; `configuration` the session
//! object; `listening` and `editing` what happens to the user's sound and to items; `speaking` how responses are made and
//! unmade, `saying` how they come out, `playing` how they are heard.

mod client_event;
mod configuration;
mod ear;
mod editing;
mod items;
mod listening;
mod outbox;
mod plan;
mod playing;
mod reply;
mod response;
mod saying;
mod seam;
mod sound;
mod speaking;
mod tokens;
mod tool_call;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::validate::Refusal;
use client_event::ClientEvent;
use configuration::Configuration;
use ear::Ear;
use items::Items;
use outbox::Outbox;
use playing::Playing;
use response::Response;
pub(crate) use seam::{End, Heard, Output, PeerId, Session, Side, To, Voice};
use tokens::Tokens;

/// The conversation of one session.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// `conv_…`.
    id: String,
    configuration: Configuration,
    voice: Voice,
    /// Those who are sent sound in events though there is a better way for it.
    sidebands: BTreeSet<PeerId>,
    life: Duration,
    expires: Instant,
    is_over: bool,
    items: Items,
    ear: Ear,
    /// The item that the speech which is being heard will become.
    hearing: Option<String>,
    /// At most one of them belongs to the conversation; the others stay aside.
    responses: Vec<Response>,
    /// Whether the user has spoken meanwhile and waits for an answer.
    owes_response: bool,
    playing: Vec<Playing>,
    /// Whether the model's voice has been heard.
    has_spoken: bool,
    /// What the model saw the last time.
    seen: Tokens,
    outbox: Outbox,
}

impl Conversation {
    /// A conversation that lasts for `life` at most.
    pub(crate) fn new(session: Session, voice: Voice, life: Duration, now: Instant) -> Self {
        let mut outbox = Outbox::new(&session.id);
        Self {
            id: outbox.id("conv"),
            configuration: Configuration::new(session.object),
            voice,
            sidebands: BTreeSet::new(),
            life,
            expires: now + life,
            is_over: false,
            items: Items::default(),
            ear: Ear::default(),
            hearing: None,
            responses: Vec::new(),
            owes_response: false,
            playing: Vec::new(),
            has_spoken: false,
            seen: Tokens::default(),
            outbox,
        }
    }

    /// A client has come.
    pub(crate) fn join(&mut self, peer: PeerId, side: Side, now: Instant) {
        self.pass(now);
        match side {
            Side::Sideband => {
                self.sidebands.insert(peer);
            }
            Side::Speaker => {
                let event = json!({ "session": self.configuration.object() });
                self.outbox.say(To::One(peer), "session.created", event);
            }
        }
    }

    /// A client has left.
    pub(crate) fn leave(&mut self, peer: PeerId) {
        self.sidebands.remove(&peer);
    }

    /// A client has sent an event.
    pub(crate) fn receive(&mut self, peer: PeerId, text: &str, now: Instant) {
        self.pass(now);
        if self.is_over {
            return;
        }
        let (event, event_id) = ClientEvent::parse(text, self.configuration.model());
        if let Err(refusal) = event.and_then(|event| self.obey(event, now)) {
            self.complain(To::One(peer), &refusal, event_id.as_deref());
        }
    }

    /// A packet of the user's sound has come.
    pub(crate) fn hear(&mut self, sound: Heard, now: Instant) {
        self.pass(now);
        if !self.is_over {
            self.listen(sound, now);
        }
    }

    /// Time has passed.
    pub(crate) fn pass(&mut self, now: Instant) {
        while let Some(due) = self.next().filter(|due| *due <= now && !self.is_over) {
            if due == self.expires {
                self.expire();
            } else {
                self.lose_patience(due);
                self.go_on(due);
            }
        }
    }

    /// When time will have passed that matters.
    pub(crate) fn next(&self) -> Option<Instant> {
        let speaking = self.responses.iter().map(|response| response.due);
        let playing = self.playing.iter().map(|playing| playing.until);
        let all = speaking.chain(playing).chain(self.patience()).chain([self.expires]);
        all.min().filter(|_| !self.is_over)
    }

    /// What is to be done, until there is nothing left to do.
    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outbox.take()
    }

    fn obey(&mut self, event: ClientEvent, now: Instant) -> Result<(), Refusal> {
        match event {
            ClientEvent::UpdateSession { session } => {
                self.configuration.update(&session, self.has_spoken)?;
                self.outbox.tell("session.updated", json!({ "session": self.configuration.object() }));
                Ok(())
            }
            ClientEvent::CreateItem { item, previous_item_id } => {
                self.create_item(item, previous_item_id.as_deref())
            }
            ClientEvent::DeleteItem { item_id } => self.delete_item(&item_id),
            ClientEvent::RetrieveItem { item_id } => self.retrieve_item(&item_id),
            ClientEvent::TruncateItem { item_id, content_index, audio_end_ms } => {
                self.truncate_item(&item_id, content_index, audio_end_ms)
            }
            ClientEvent::AppendSound { audio } => self.append_sound(&audio, now),
            ClientEvent::ClearInput => {
                self.clear_input();
                Ok(())
            }
            ClientEvent::CommitInput => self.commit_input(),
            ClientEvent::ClearOutput => self.clear_output(),
            ClientEvent::CreateResponse { response } => self.create_response(&response, now),
            ClientEvent::CancelResponse { response_id } => self.cancel_response(response_id.as_deref()),
        }
    }

    fn complain(&mut self, to: To, refusal: &Refusal, event_id: Option<&str>) {
        let error = json!({
            "type": "invalid_request_error",
            "code": refusal.code,
            "message": refusal.message,
            "param": refusal.param,
            "event_id": event_id,
        });
        self.outbox.say(to, "error", json!({ "error": error }));
    }

    fn expire(&mut self) {
        self.is_over = true;
        let message = format!("The session has reached its longest life of {} seconds.", self.life.as_secs());
        self.complain(To::All, &Refusal::new("session_expired", None, message), None);
        self.outbox.put(Output::End(End::Expired));
    }
}
